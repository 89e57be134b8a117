"""codesign/quality: word error rate, perplexity and accuracy, by hand."""

import math

import pytest

from codesign.quality.accuracy import accuracy
from codesign.quality.perplexity import perplexity
from codesign.quality.wer import whisper_normaliser, word_error_rate


def test_errors_are_counted_over_the_whole_set():
    # "cat" for "bat" and "down" too many: 2 errors in 3 words; the second utterance has none in 5.
    found = word_error_rate(["the cat sat", "a b c d e"], ["the bat sat down", "a b c d e"], str)
    assert found.value == found.raw == 2 / 8
    assert (found.n, found.metric, found.goal, found.unit) == (2, "wer", "min", "ratio")
    assert found.low == 0.0  # drawn twice the second
    assert found.high == pytest.approx(2 / 3)  # drawn twice the first


def test_silence_is_every_word_missed():
    assert word_error_rate(["one two three"], [""], str).value == 1.0


def test_a_decoder_that_loops_is_capped_and_its_raw_rate_kept():
    found = word_error_rate(["yes"], ["no no no no"], str)
    assert (found.value, found.high, found.raw) == (1.0, 1.0, 4.0)


def test_normaliser_forgives_case_numbers_contractions_and_british_spelling():
    normalise = whisper_normaliser({"colour": "color"})
    assert normalise("Mr. Smith didn't like twenty-one colours") != normalise("Mr. Smith did like 21 colors")
    assert normalise("The colour, please: it's twenty one!") == normalise("the color please it is 21")


def test_uniform_guess_among_v_tokens_is_a_perplexity_of_v():
    found = perplexity([10 * math.log(7), 30 * math.log(7)], [10, 30])
    assert found.value == pytest.approx(7.0)
    assert (found.low, found.high) == (pytest.approx(7.0), pytest.approx(7.0))


def test_perplexity_weighs_windows_by_their_tokens():
    assert perplexity([0.0, 3 * math.log(16)], [1, 3]).value == pytest.approx(8.0)  # 16 ** (3 / 4)


def test_accuracy_is_the_share_that_is_right():
    found = accuracy([True, True, False, True])
    assert (found.value, found.n, found.goal) == (0.75, 4, "max")
    assert found.low < 0.75 < found.high <= 1.0
