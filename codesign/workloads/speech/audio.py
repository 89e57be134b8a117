"""Sound on disk into what Whisper hears: one channel at 16 kHz, then a log-mel spectrogram of a fixed window."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn

SAMPLE_RATE = 16_000
HOP = 160  # samples between frames: 10 ms (Radford et al. 2022, section 2.2)
FRAMES_PER_SECOND = SAMPLE_RATE // HOP


def read_audio(source: Path | bytes, name: str = "") -> Tensor:
    """(samples,) in [-1, 1] at 16 kHz; channels are averaged. Raises ValueError where it is not audio."""
    import soundfile

    name = name or (source.name if isinstance(source, Path) else "audio")
    try:
        wave, rate = soundfile.read(
            io.BytesIO(source) if isinstance(source, bytes) else source, dtype="float32", always_2d=True
        )
    except (soundfile.LibsndfileError, OSError, TypeError) as reason:
        raise ValueError(f"audio {name}: not a sound file that can be read (WAV, FLAC, OGG, MP3): {reason}") from reason
    if not len(wave):
        raise ValueError(f"audio {name}: there is no sound in it")
    return _resampled(torch.from_numpy(wave).mean(1), rate)


def _resampled(wave: Tensor, rate: int) -> Tensor:
    from torchaudio.functional import resample

    resampled: Tensor = wave if rate == SAMPLE_RATE else resample(wave, rate, SAMPLE_RATE)
    return resampled


def log_mel(wave: Tensor, window_s: float, bins: int) -> Tensor:
    """(bins, frames): Whisper's input features of a wave (samples,) padded with silence to the window.

    Log10 of the Slaney mel power, floored at 8 below its maximum, then (x + 4) / 4, as in openai/whisper `audio.py`.
    """
    samples = round(window_s * SAMPLE_RATE)
    if len(wave) > samples:
        raise ValueError(f"audio: {len(wave) / SAMPLE_RATE:.1f} s of sound do not fit a window of {window_s:g} s")
    padded = nn.functional.pad(wave, (0, samples - len(wave)))
    power = _mel(bins, wave.device)(padded)[:, :-1]
    log = power.clamp(min=1e-10).log10()
    mel: Tensor = (log.clamp(min=log.max() - 8.0) + 4.0) / 4.0
    return mel


@cache
def _mel(bins: int, device: torch.device) -> nn.Module:
    from torchaudio.transforms import MelSpectrogram

    mel: nn.Module = MelSpectrogram(
        SAMPLE_RATE, n_fft=400, hop_length=HOP, n_mels=bins, f_max=8000.0, norm="slaney", mel_scale="slaney"
    )
    return mel.to(device)
