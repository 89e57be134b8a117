"""Questions with four numbers to choose from: single-digit arithmetic, a file of questions, or a reasoning task."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

CHOICES = 4  # chance is one in so many
_SHOTS = 8  # solved examples before each question
_OFFSETS = (-10, -3, -2, -1, 1, 2, 3, 10)  # wrong answers lie near the right one
SIZE = 80  # questions, where not all are asked for
_GENERATED = 512  # questions of a reasoning task, where all are asked for
_NUMBER = re.compile(r"-?\d[\d,]*(?=\.?$)")

Fact = tuple[str, int]  # a question and its answer


@dataclass(frozen=True)
class Question:
    """What stands before all, what is asked, and what may follow; the first choice is the right one."""

    before: str  # solved examples: one text for many questions, so that a model reads it once
    asked: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Exam:
    """Questions to judge by."""

    questions: Sequence[Question]
    note: str


def arithmetic(full: bool) -> Exam:
    """`a times b` and `a plus b` for digits from 1 to 9: 80 questions, or 146 with `full`."""
    kinds: dict[str, Callable[[int, int], int]] = {"times": lambda a, b: a * b, "plus": lambda a, b: a + b}
    digits = range(1, 10)
    facts = {
        word: [(f"What is {a} {word} {b}?", result(a, b)) for a in digits for b in digits]
        for word, result in kinds.items()
    }
    size = None if full else SIZE // len(kinds)
    questions = [question for kind in facts.values() for question in _questions(kind, size)]
    return Exam(questions, f"single-digit products and sums, {_chance()}")


def from_file(path: Path, full: bool) -> Exam:
    """Lines of JSON with `question` and `answer`, the answer ending in an integer, as GSM8K has them."""
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        facts = [(str(line["question"]), _integer(str(line["answer"]))) for line in lines]
    except (OSError, ValueError, KeyError, TypeError) as reason:
        raise ValueError(f"llm: data: {path}: want lines of JSON with question and answer: {reason}") from reason
    return Exam(_questions(facts, None if full else SIZE), f"{path.name}, {_chance()}")


def from_reasoning_gym(task: str, full: bool) -> Exam:
    """Generated questions of a task of reasoning-gym (an optional package) whose answers are integers."""
    try:
        import reasoning_gym
    except ModuleNotFoundError:
        raise ValueError(
            "llm: data: reasoning tasks need the package reasoning-gym: pip install reasoning-gym"
        ) from None
    try:
        made = reasoning_gym.create_dataset(task, size=_SHOTS + (_GENERATED if full else SIZE), seed=0)
        facts = [(str(item["question"]), _integer(str(item["answer"]))) for item in made]
    except (ValueError, KeyError) as reason:
        raise ValueError(f"llm: data: reasoning-gym: {task}: {reason}") from reason
    return Exam(_questions(facts, None), f"reasoning-gym {task}, {_chance()}")


def _integer(answer: str) -> int:
    found = _NUMBER.search(answer.strip())
    if found is None:
        raise ValueError(f"the answer {answer[-40:]!r} does not end in an integer")
    return int(found.group().replace(",", ""))


def _questions(facts: Sequence[Fact], size: int | None) -> list[Question]:
    """In the order of the facts' digests: the first eight are solved as examples, the others asked."""
    ordered = sorted(facts, key=lambda fact: hashlib.sha256(repr(fact).encode()).digest())
    shots, asked = ordered[:_SHOTS], ordered[_SHOTS:][:size]
    if not asked:
        raise ValueError(f"llm: data: {len(facts)} questions, but more than the {_SHOTS} solved examples are needed")
    before = "\n\n".join(f"{_ask(question)} {answer}" for question, answer in shots)
    return [Question(before, f"\n\n{_ask(question)}", _choices(question, answer)) for question, answer in asked]


def _ask(question: str) -> str:
    return f"Question: {question}\nAnswer:"


def _choices(question: str, answer: int) -> tuple[str, ...]:
    """The right one, then three near it, no smaller than 0 where it is not; the line's end closes each."""
    near = [answer + offset for offset in _OFFSETS if answer + offset >= 0 or answer < 0]
    return tuple(f" {choice}\n" for choice in (answer, *random.Random(question).sample(near, CHOICES - 1)))


def _chance() -> str:
    return f"{CHOICES} choices (chance {1 / CHOICES:.2f}), {_SHOTS} solved examples"
