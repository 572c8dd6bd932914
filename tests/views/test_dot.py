"""The graph in Graphviz's language: quoted texts, nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbflow.views.dot import dot
from nbflow.views.graph import GraphEdge, GraphNode


def test_a_small_graph() -> None:
    nodes = [
        GraphNode("p", "parameters", "parameters"),
        GraphNode("load", "load", "step", "cached", "0.02 s"),
        GraphNode("primes", "primes", "foreach", "failed", "", 2),
    ]
    edges = [
        GraphEdge("p", "load", ("n",)),
        GraphEdge("load", "primes", ("data", "k"), observed=True),
    ]
    lines = dot(nodes, edges, "train").splitlines()
    assert lines[0] == 'digraph "train" {'
    assert (
        '  "load" [label="load\\n● cached · 0.02 s", color="#0969da", fillcolor="#ddf4ff"];'
        in lines
    )
    assert '  "p" -> "load" [label="n"];' in lines
    assert '  "load" -> "primes" [label="data, k", style=dashed];' in lines
    assert any("primes ×2\\n✘ failed" in line and "peripheries=2" in line for line in lines)
    assert lines[-1] == "}"


@pytest.mark.parametrize(
    ("text", "quoted"),
    [('say "hi"', r'"say \"hi\""'), ("a\\", r'"a\\"'), ("a\nb", r'"a\nb"'), ("\0", '"\ufffd"')],
)
def test_texts_are_quoted(text: str, quoted: str) -> None:
    assert dot([], [], text).startswith(f"digraph {quoted} {{\n")


@given(st.text(max_size=20))
def test_no_text_ends_its_quotes(text: str) -> None:
    told = dot([GraphNode(text, text)], [GraphEdge(text, text, (text,))], text)
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "S", told)
    assert bare.startswith("digraph S {\n")
    assert "S [label=S, color=S, fillcolor=S];" in bare
    assert "S -> S [label=S];" in bare
