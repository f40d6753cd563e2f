"""What is wrong with a trained network, by rules that are written down, with the numbers they went by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..._optional import import_optional
from ..handed_over import fitted_networks
from ._html import diagnosis_html
from ._members import Answer, said_of_members
from .evidence import Evidence, Table
from .rules import RULES, Finding, NotChecked, Rule

#: Parameters that have no effect beside a ``model``.
OF_THE_NETWORK = {"hidden_layer_sizes", "activation", "batch_norm", "kernel_initializer", "dropout", "l1", "l2"}


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """What `diagnose` has found.

    Printed, it is a short text; in a notebook, a table.

    Parameters
    ----------
    findings : tuple of Finding
        Each with ``name``, ``severity``, ``sentence``, ``evidence`` and ``turn``; problems first, then advice, causes
        before what they lead to. Empty for a network of which no rule has anything to say.
    not_checked : mapping of str to str
        Rules that could not be judged, and why.
    checked : tuple of str
        Rules that were judged.
    n_members : int, default=1
        Networks that were looked at.
    """

    findings: tuple[Finding, ...]
    not_checked: Mapping[str, str]
    checked: tuple[str, ...]
    n_members: int = 1

    def __getitem__(self, name: str) -> Finding:
        for finding in self.findings:
            if finding.name == name:
                return finding
        raise KeyError(f"There is no finding {name!r}. Found: {', '.join(self.names) or 'nothing'}.")

    def __contains__(self, name: object) -> bool:
        return name in self.names

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the findings."""
        return tuple(finding.name for finding in self.findings)

    def to_frame(self) -> Any:
        """The findings as a table.

        Returns
        -------
        findings : DataFrame
            One row per finding, with the columns ``severity``, ``sentence``, ``turn`` and ``evidence`` and the index
            ``finding``.
        """
        pandas = import_optional("pandas", purpose="Diagnosis.to_frame")
        rows = [(each.severity, each.sentence, dict(each.turn), dict(each.evidence)) for each in self.findings]
        index = pandas.Index(self.names, name="finding", dtype=object)
        return pandas.DataFrame(rows, columns=["severity", "sentence", "turn", "evidence"], index=index)

    def __repr__(self) -> str:
        lines = [f"Diagnosis: {self.summary}"]
        for finding in self.findings:
            lines += ["", f"{finding.name} ({finding.severity})", f"  {finding.sentence}"]
            lines += [f"  turn {name}: {way}" for name, way in finding.turn.items()]
            lines.append(f"  seen: {', '.join(f'{name}={value:.3g}' for name, value in finding.evidence.items())}")
        if self.not_checked:
            lines += ["", "not checked"]
            lines += [f"  {name}: {reason}" for name, reason in self.not_checked.items()]
        return "\n".join(lines)

    @property
    def summary(self) -> str:
        """How many findings, of how many rules."""
        found = len(self.findings)
        text = "nothing found" if not found else f"{found} finding{'s' if found > 1 else ''}"
        members = f" in {self.n_members} members" if self.n_members > 1 else ""
        return f"{text} by {len(self.checked)} of {len(self.checked) + len(self.not_checked)} rules{members}"

    def _repr_html_(self) -> str:
        return diagnosis_html(self.summary, self.findings, self.not_checked)


def diagnose(estimator: Any, X: Any, y: Any, X_val: Any = None, y_val: Any = None) -> Diagnosis:
    """Look for what keeps a trained network from being better, and for the parameter to turn.

    The rules cover under- and overfitting, divergence, plateaus, too few epochs, rates and batches that are too small
    or too large, penalties that are too strong, dead and saturated units, vanishing and exploding gradients, inputs
    that were not scaled, and classes of unequal size. Each compares a few numbers with stated thresholds; a page of
    the documentation lists them. They are rules of thumb: a finding says where to look, and the next fit whether it
    was right.

    Parameters
    ----------
    estimator : KerasClassifier, KerasRegressor or Pipeline
        Fitted estimator, or a Pipeline whose last step is one. Its ``history_`` is read; it is not trained again.
        With ``n_members`` above 1 every member is looked at. Reported is what at least half of them have (of those in
        which it could be judged), and a divergence of any, since then none of their mean can be used; the sentence
        says how many they are, and the numbers are those of the first.
    X : array-like or sparse matrix of shape (n_samples, n_features)
        The rows it was trained on. Of more than 2000, a sample is used for what happens inside the network.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Their targets.
    X_val : array-like or sparse matrix of shape (n_samples, n_features), default=None
        Rows that it was not trained on, by whose score overfitting is judged. None: by the validation loss in
        ``history_``, which is there with ``early_stopping=True``, ``validation_split=0.1`` or ``fit(..., X_val=...)``.
    y_val : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
        Their targets.

    Returns
    -------
    diagnosis : Diagnosis
        Findings with their evidence and the parameters to turn, and what could not be checked. ``print`` it, or let
        a notebook show it.

    Raises
    ------
    NotFittedError
        If the estimator has not been fitted.
    TypeError
        If it is another estimator.
    ValueError
        If only one of ``X_val`` and ``y_val`` is given.

    See Also
    --------
    learning_rate_sweep : Which rates are worth searching.
    dead_units : Units that never activate.
    gradient_norms : How much of the error reaches each layer.

    Notes
    -----
    Losses are compared with that of the best constant prediction: the mean of y, or the share of each class. So
    thresholds hold for any loss and scale of y; one minus the ratio is R² for the squared error. For losses other than
    crossentropies and the squared error it is the loss of the first epoch.

    Gradients are those of ``tf.GradientTape``, so the first call in a process loads TensorFlow.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sknn_tune import KerasClassifier
    >>> from sknn_tune.inspection import diagnose
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> network = KerasClassifier(hidden_layer_sizes=(8,), epochs=10, random_state=0).fit(X, y)
    >>> diagnosis = diagnose(network, X, y)
    >>> "unscaled_inputs" in diagnosis
    True
    >>> diagnosis["unscaled_inputs"].turn
    {'StandardScaler': 'put it before the network, in a Pipeline'}
    >>> "overfitting" in diagnosis.not_checked
    True
    """
    if (X_val is None) != (y_val is None):
        given, missing = ("X_val", "y_val") if y_val is None else ("y_val", "X_val")
        raise ValueError(f"{given} was given without {missing}. Give both, or neither.")
    networks, table = fitted_networks(estimator, "diagnose"), Table(estimator, X, y, X_val, y_val)
    return judge(Evidence(network, table) for network in networks)


def judge(evidences: Iterable[Evidence], rules: Sequence[Rule] = RULES) -> Diagnosis:
    """What these rules say of a network, or of the members of one estimator, each with its evidence."""
    by_network = []
    for evidence in evidences:  # of one network at a time: each has a copy of the rows
        by_network.append([_with_turns_left(rule(evidence), evidence.parameters) for rule in rules])
    findings, not_checked, checked = [], {}, []
    for rule, answers in zip(rules, zip(*by_network, strict=True), strict=True):
        answer = said_of_members(answers)
        if isinstance(answer, NotChecked):
            not_checked[rule.__name__] = answer.reason
            continue
        checked.append(rule.__name__)
        if answer is not None:
            findings.append(answer)
    findings.sort(key=lambda finding: finding.severity != "problem")  # stable: causes stay before effects
    return Diagnosis(tuple(findings), not_checked, tuple(checked), n_members=len(by_network))


def _with_turns_left(answer: Answer, parameters: Mapping[str, Any]) -> Answer:
    return replace(answer, turn=_not_yet_so(answer.turn, parameters)) if isinstance(answer, Finding) else answer


def _not_yet_so(turn: Mapping[str, str], parameters: Mapping[str, Any]) -> dict[str, str]:
    """Without the advice that is followed already: ``"relu"``, or ``"leaky_relu or elu"`` where there is elu.

    What a model of one's own has for these parameters is not known, and is turned inside it.
    """
    if parameters["model"] is not None:
        return {f"model ({name})" if name in OF_THE_NETWORK else name: way for name, way in turn.items()}
    return {name: way for name, way in turn.items() if str(parameters.get(name)) not in way.split(" or ")}
