"""Speech with transcripts: the prompts of Asterisk, a few public-domain sentences, a folder in LibriSpeech's layout."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from torch import Tensor

from codesign.workloads.assets import read
from codesign.workloads.digest import tensor_bytes
from codesign.workloads.speech.audio import SAMPLE_RATE, read_audio


@dataclass(frozen=True, eq=False)
class Utterance:
    """A recording and what is said in it."""

    name: str
    wave: Tensor  # (samples,) at 16 kHz
    text: str

    @property
    def seconds(self) -> float:
        """How long the recording is."""
        return len(self.wave) / SAMPLE_RATE

    @property
    def speaker(self) -> str:
        """Who speaks, where names begin with it as LibriSpeech's do."""
        return self.name.split("-")[0]

    @property
    def digest(self) -> str:
        """Of what is heard: two copies of one recording have one digest, whatever their names."""
        return hashlib.sha256(tensor_bytes(self.wave)).hexdigest()


@dataclass(frozen=True)
class Corpus:
    """Utterances to calibrate on and to evaluate on, and what a reader of a plot must know of them."""

    calibration: Sequence[Utterance]
    evaluation: Sequence[Utterance]
    note: str

    def __post_init__(self) -> None:
        if not self.evaluation:
            raise ValueError("speech: data: the evaluation set is empty")
        if shared := {u.digest for u in self.calibration} & {u.digest for u in self.evaluation}:
            raise ValueError(f"speech: data: {len(shared)} recordings stand in calibration and evaluation at once")


_PROMPTS = "usr/share/asterisk/sounds/en_US_f_Allison"
_PROMPT_TEXTS = "usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz"


def asterisk(full: bool = False) -> Corpus:
    """A fixed list of 24 and 48 telephone prompts, or of 24 and 137 with `full`; every recording is pinned."""
    texts = _prompt_texts()
    roles = [line.split() for line in _shipped("asterisk.txt") if not line.startswith("#")]
    wanted = {"evaluation", "more"} if full else {"evaluation"}
    return Corpus(
        [_prompt(key, texts) for role, key in roles if role == "calibration"],
        [_prompt(key, texts) for role, key in roles if role in wanted],
        "Asterisk telephone prompts: one professional speaker, recorded at 8 kHz",
    )


def _prompt(key: str, texts: dict[str, str]) -> Utterance:
    return Utterance(key, read_audio(read("asterisk-wav", f"{_PROMPTS}/{key}.wav"), f"{key}.wav"), texts[key])


def _prompt_texts() -> dict[str, str]:
    """Lines are `key: words`; dots mark where a prompt is cut out of a sentence and are not spoken."""
    lines = gzip.decompress(read("asterisk-text", _PROMPT_TEXTS)).decode().splitlines()
    pairs = (line.split(":", 1) for line in lines if ":" in line and not line.startswith(";"))
    return {key.strip(): text.replace("...", " ").strip() for key, text in pairs}


def librivox() -> Corpus:
    """Five sentences read for LibriVox, and five calls of cards by another speaker to calibrate on; both ship."""
    folder = files(__package__) / "librivox"
    spoken = [
        Utterance(name, read_audio((folder / f"{name}.flac").read_bytes(), f"{name}.flac"), text)
        for name, text in (line.split(maxsplit=1) for line in _shipped("librivox/transcripts.txt"))
    ]
    return Corpus(
        [utterance for utterance in spoken if utterance.name.startswith("card-")],
        [utterance for utterance in spoken if not utterance.name.startswith("card-")],
        "five LibriVox sentences: one reader, a smoke test and no benchmark",
    )


def _shipped(name: str) -> list[str]:
    return (files(__package__) / name).read_text().splitlines()


def librispeech(folder: Path) -> list[Utterance]:
    """Every utterance of a folder in LibriSpeech's layout (SPEAKER/CHAPTER/*.flac and *.trans.txt), or of its subsets.

    In the order of the recordings' digests, so that any head of the list is a fair draw. Raises ValueError where the
    folder is empty, a recording has no transcript, or a file is not audio.
    """
    subsets = [path for path in (folder, *sorted(folder.glob("*/"))) if any(path.glob("*/*/*.flac"))]
    if not subsets:
        raise ValueError(
            f"speech: data: {folder}: no SPEAKER/CHAPTER/*.flac in it: not in LibriSpeech's layout, or empty"
        )
    return in_order(utterance for subset in subsets for utterance in _subset(subset))


def _subset(folder: Path) -> Iterable[Utterance]:
    from torchaudio.datasets import LIBRISPEECH

    class Layout(LIBRISPEECH):  # type: ignore[misc]  # torchaudio has no types
        """The reader for a folder of any name: the original takes the seven official names only."""

        def __init__(self) -> None:
            self._archive, self._url = str(folder.parent), folder.name
            self._walker = sorted(path.stem for path in folder.glob("*/*/*.flac"))

    reader = Layout()
    for index in range(len(reader)):
        try:
            path, _, text, *_ = reader.get_metadata(index)
        except (OSError, ValueError) as reason:
            raise ValueError(f"speech: data: {folder}: {reader._walker[index]}: no transcript: {reason}") from reason
        yield Utterance(Path(path).stem, read_audio(folder.parent / path), text)


def in_order(utterances: Iterable[Utterance]) -> list[Utterance]:
    """By digest, each recording once."""
    by_digest = {utterance.digest: utterance for utterance in utterances}
    return [by_digest[digest] for digest in sorted(by_digest)]


def split(utterances: Sequence[Utterance], calibration_size: int) -> tuple[list[Utterance], list[Utterance]]:
    """(calibration, evaluation), no speaker in both; speakers go to calibration until it is large enough."""
    calibrating: set[str] = set()
    for speaker in dict.fromkeys(utterance.speaker for utterance in utterances):
        if sum(utterance.speaker in calibrating for utterance in utterances) < calibration_size:
            calibrating.add(speaker)
    calibration = [utterance for utterance in utterances if utterance.speaker in calibrating]
    evaluation = [utterance for utterance in utterances if utterance.speaker not in calibrating]
    if not evaluation:
        raise ValueError(
            f"speech: data: the {len(calibrating)} speakers are all needed for calibration, so that none is left to "
            "evaluate: calibrate on another corpus"
        )
    return calibration[:calibration_size], evaluation
