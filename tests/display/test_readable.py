"""The laws of a readable picture notice what breaks them."""

import matplotlib.pyplot as plt
import pytest
from readable import collisions, unseen


@pytest.fixture
def axes():
    figure, ax = plt.subplots(figsize=(4, 3), layout="constrained")
    ax.plot([0, 1], [0, 1], label="line")
    yield ax
    plt.close(figure)


def test_a_plain_picture_is_readable(axes):
    assert collisions(axes.figure) == []


def test_a_legend_over_data_is_noticed(axes):
    axes.legend()
    assert "'the legend' on the data" in collisions(axes.figure)


@pytest.mark.parametrize("rotation", [0, 40])
def test_labels_that_touch_are_noticed(axes, rotation):
    axes.set_xticks([0, 0.02, 1], ["one label", "another", "third"], rotation=rotation)
    assert collisions(axes.figure) == ["'one label' on 'another'"]


def test_a_text_outside_of_the_figure_is_noticed(axes):
    axes.figure.set_layout_engine("none")
    axes.text(1.5, 0.5, "far away")
    assert collisions(axes.figure) == ["'far away' sticks out"]


def test_what_is_drawn_in_the_colour_of_the_paper_is_noticed():
    with plt.style.context("dark_background"):
        figure, ax = plt.subplots()
        ax.plot([0, 1], [0, 1], color="white", label="seen")
        assert unseen(figure) == []
        ax.plot([0, 1], [1, 0], color="black", label="a line")
        ax.bar([0], [1], color="#050505", label="a bar")
        ax.text(0, 0, "a text", color="black")
    assert [found.split()[0] for found in unseen(figure)] == ["Line2D", "Rectangle", "Text"]
    plt.close(figure)
