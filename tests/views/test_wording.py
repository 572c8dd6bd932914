"""Texts with their words apart from their values."""

from __future__ import annotations

import copy
import pickle

from nbflow.records.reason import Reason
from nbflow.views.reasons import phrase, phrases
from nbflow.views.wording import Worded, apart, joined


def test_what_is_in_a_value_is_no_place_for_another() -> None:
    assert Worded("`%1` and %2", "%2", 3) == "`%2` and 3"


def test_words_go_apart_from_their_values_however_deep() -> None:
    told = phrases([Reason("parameter", "n", "", "20"), Reason("source")])
    assert told == "parameter `n` changed: nothing → 20 (+1)"
    said = ["parameter `%1` changed: %2 → %3", "N", ["nothing"], "20"]
    assert apart(told, str.upper) == ["%1 (+%2)", said, "1"]
    assert apart("nobody's words", str.upper) == "NOBODY'S WORDS"


def test_what_is_said_of_one_is_joined_and_nothing_is_said_of_nothing() -> None:
    assert joined("", "") == ""
    assert joined("", phrase(Reason("source"))) == "its code changed"
    assert joined("a", "", "b") == "a · b"


def test_a_copy_has_its_words_too() -> None:
    told = Worded("about %1 s", 40)
    for copied in (pickle.loads(pickle.dumps(told)), copy.deepcopy(told)):
        assert (copied, copied.words, copied.values) == (told, told.words, told.values)
