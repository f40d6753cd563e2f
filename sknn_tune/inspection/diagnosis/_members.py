"""What a rule says of an estimator with several members, each of which it has judged by itself.

Problem: of eight members one is often a little odd, and their mean makes up for it; eight chances of a finding would
find something in any estimator. Choice: what half of them have is what the settings lead to, and can be turned. Not
taken: to judge the mean history, in which jumps cancel out and members that stop leave steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .rules import Finding, NotChecked

Answer = Finding | NotChecked | None

#: Rules whose findings count in any single member: without its predictions there is no mean.
OF_ANY = {"divergence"}
#: Share of the judged members that must have anything else.
SHARE = 0.5


def said_of_members(answers: Sequence[Answer]) -> Answer:
    """One answer for all; of one network, its own."""
    if len(answers) == 1:
        return answers[0]
    n_judged = sum(not isinstance(answer, NotChecked) for answer in answers)
    if n_judged == 0:
        return answers[0]
    found = {number: answer for number, answer in enumerate(answers) if isinstance(answer, Finding)}
    if not found:
        return None
    number, first = next(iter(found.items()))
    if first.name not in OF_ANY and len(found) < SHARE * n_judged:
        return None
    sentence = f"{len(found)} of {len(answers)} members, such as members_[{number}]: {first.sentence}"
    return replace(first, sentence=sentence, evidence={**first.evidence, "n_members": len(found)})
