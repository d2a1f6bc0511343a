"""Operations that leave everything in its place: light, colour, sharpness, noise, compression.

Each is a function ``operation(image, values, seed, where)`` of a picture, uint8, (H, W, 3), and
values of the knob, (S,), to frames, uint8, (S, H, W, 3). At 0 the frame is the picture to the
byte. ``where`` holds weights, (H, W), in [0, 1], of the pixels that are to be edited: contrast
turns about their mean, and blur takes in no others, so that nothing bleeds out of what is kept.
The edit itself covers the whole picture; see `zollstock.engines.pixels.operations.edited`.

Sums are in 64 bits: stores keep how a frame is made, not the frame (`zollstock.recipes`), and in
32 bits another kind of processor would give one pixel in some thousands another grey level.
"""

import io
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import fft

from zollstock.images.luma import LUMA
from zollstock.seeds import rng_for

Picture = npt.NDArray[np.uint8]
"""Shape (H, W, 3)."""
Frames = npt.NDArray[np.uint8]
"""Shape (S, H, W, 3)."""
Values = npt.NDArray[np.float64]
"""Shape (S,)."""
Weights = npt.NDArray[np.float32]
"""Shape (H, W), in [0, 1]."""
Change = Callable[[Picture, Values, int, Weights | None], Frames]

_GREYS = np.arange(256, dtype=np.float64)
_SHARPENED_AT = 1.0
"""Standard deviation, pixels, of the blur that sharpness takes from the picture."""
_DAYLIGHT = 6504.0
"""Kelvin: white of sRGB, D65."""


def quantised(values: npt.NDArray[np.floating]) -> npt.NDArray[np.uint8]:
    """Return the nearest grey levels."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def brightness(
    image: Picture, values: Values, seed: int = 0, where: Weights | None = None
) -> Frames:
    """Multiply all channels by 1 + value: −1 is black."""
    return _looked_up(image, (1 + values)[:, None] * _GREYS)


def contrast(image: Picture, values: Values, seed: int = 0, where: Weights | None = None) -> Frames:
    """Multiply the distance from the mean luminance by 1 + value: −1 is flat grey."""
    mean = float(np.average(image @ LUMA, weights=where))
    return _looked_up(image, mean + (1 + values)[:, None] * (_GREYS - mean))


def gamma(image: Picture, values: Values, seed: int = 0, where: Weights | None = None) -> Frames:
    """Raise channels in [0, 1] to the power 2^−value: above 0 lighter, black and white stay."""
    return _looked_up(image, 255 * (_GREYS / 255) ** (2.0**-values)[:, None])


def temperature(
    image: Picture, values: Values, seed: int = 0, where: Weights | None = None
) -> Frames:
    """Light the scene by a black body instead of daylight, value in mired (10⁶ / kelvin) away.

    Above 0 it is warmer. Channels are scaled in linear light, by the colour of the black body
    over that at 6504 K, so that the luminance of white stays.
    """
    gains = _black_body(1e6 / (1e6 / _DAYLIGHT + values)) / _black_body(np.array([_DAYLIGHT]))
    luminance = gains @ np.array([0.2126, 0.7152, 0.0722])  # linear light; ITU-R BT.709
    tables = _encoded((gains / luminance[:, None])[:, :, None] * _linear(_GREYS / 255))
    quantity = quantised(255 * tables)
    return np.stack([np.take(quantity[:, c], image[..., c], axis=1) for c in range(3)], axis=-1)


def saturation(
    image: Picture, values: Values, seed: int = 0, where: Weights | None = None
) -> Frames:
    """Multiply the distance from the grey of equal luminance by 1 + value: −1 is grey."""
    grey = np.repeat(LUMA[:, None], 3, axis=1)
    return _mixed(image, grey + (1 + values)[:, None, None] * (np.eye(3) - grey))


def grey(image: Picture, values: Values, seed: int = 0, where: Weights | None = None) -> Frames:
    """Blend into the grey of equal luminance: 1 is grey."""
    return saturation(image, -values)


def hue(image: Picture, values: Values, seed: int = 0, where: Weights | None = None) -> Frames:
    """Turn the colours about grey by degrees: red to yellow to green.

    The turn is one of the chroma plane of YIQ, which keeps the luminance of every pixel but
    where a colour leaves the range.
    """
    # Rows of YIQ as the NTSC defined them; their inverse is taken, not copied, so that 0 is 1.
    to_yiq = np.array([LUMA, [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
    angle = np.deg2rad(values)
    turns = np.zeros((len(values), 3, 3))
    turns[:, 0, 0] = 1
    turns[:, 1, 1] = turns[:, 2, 2] = np.cos(angle)
    turns[:, 1, 2], turns[:, 2, 1] = np.sin(angle), -np.sin(angle)
    return _mixed(image, (np.linalg.inv(to_yiq) @ turns @ to_yiq).transpose(0, 2, 1))


def blur(image: Picture, values: Values, seed: int = 0, where: Weights | None = None) -> Frames:
    """Convolve with a Gaussian of this standard deviation in pixels, reflected at the edges."""
    if where is None:
        return np.stack([quantised(each) for each in _blurred(image.astype(np.float64), values)])
    # Only pixels of weight take part: Σ g·w·x / Σ g·w. Where none is near, the picture stays.
    weighted = np.concatenate([image * where[..., None], where[..., None]], axis=-1)
    frames = []
    for each in _blurred(weighted.astype(np.float64), values):
        near = each[..., 3:]
        frames.append(quantised(np.where(near > 1e-4, each[..., :3] / np.fmax(near, 1e-4), image)))
    return np.stack(frames)


def sharpness(
    image: Picture, values: Values, seed: int = 0, where: Weights | None = None
) -> Frames:
    """Add value × (picture − its blur of 1 pixel): −1 is that blur, above 0 sharpens."""
    still = image.astype(np.float64)
    detail = still - next(_blurred(still, np.array([_SHARPENED_AT])))
    return np.stack([quantised(still + value * detail) for value in values])


def noise(image: Picture, values: Values, seed: int = 0, where: Weights | None = None) -> Frames:
    """Add one field of Gaussian noise, of this standard deviation as a share of white.

    Channels are independent. The field is drawn once, from the seed, and scaled along the path.
    """
    field = rng_for("noise of pixels", seed).standard_normal(image.shape, dtype=np.float32)
    return np.stack([quantised(image + np.float32(255 * value) * field) for value in values])


def jpeg(image: Picture, values: Values, seed: int = 0, where: Weights | None = None) -> Frames:
    """Compress at the quality 100 − value, to the nearest whole one.

    Colours are kept at full resolution: halving them would be a jump between 0, the picture
    itself, and the best quality.
    """
    frames = []
    for value in values:
        held = io.BytesIO()
        quality = max(round(100 - value), 1)
        Image.fromarray(image).save(held, "JPEG", quality=quality, subsampling=0)
        with Image.open(held) as compressed:
            frames.append(np.array(compressed))
    return np.stack(frames)


def pixelate(image: Picture, values: Values, seed: int = 0, where: Weights | None = None) -> Frames:
    """Take the mean of blocks, value pixels a side as near as whole blocks fit.

    Up to 1 nothing changes.
    """
    height, width = image.shape[:2]
    picture, frames = Image.fromarray(image), []
    for value in values:
        side = max(value, 1.0)
        blocks = (max(round(width / side), 1), max(round(height / side), 1))
        small = picture.resize(blocks, Image.Resampling.BOX)
        frames.append(np.asarray(small.resize((width, height), Image.Resampling.NEAREST)))
    return np.stack(frames)


def _looked_up(image: Picture, tables: npt.NDArray[np.float64]) -> Frames:
    """Return frames of which every channel is looked up, tables of (S, 256)."""
    return np.take(quantised(tables), image, axis=1)


def _mixed(image: Picture, matrices: npt.NDArray[np.float64]) -> Frames:
    """Return frames whose channels are mixed: pixel (3,) @ matrix s, (S, 3, 3).

    Term by term, since a matrix product adds in another order on another processor.
    """
    red, green, blue = np.moveaxis(image.astype(np.float64), -1, 0)[..., None]
    return np.stack([quantised(red * r + green * g + blue * b) for r, g, b in matrices])


def _blurred(image: npt.NDArray[np.float64], sigmas: Values) -> Iterator[npt.NDArray[np.float64]]:
    """Yield Gaussian blurs, (H, W, C) each.

    In the cosine transform, whose basis is reflected at the edges, a Gaussian of σ is the factor
    exp(−σ²ω²/2): one transform there, and one back for each blur, however wide.
    """
    height, width = image.shape[:2]
    planes = np.ascontiguousarray(image.transpose(2, 0, 1))
    spectrum = fft.dctn(planes, axes=(1, 2), norm="ortho")
    rows, columns = (np.pi * np.arange(side) / side for side in (height, width))
    for sigma in sigmas:
        down, across = (np.exp(-((sigma * w) ** 2) / 2) for w in (rows, columns))
        passed = spectrum * (down[:, None] * across)
        yield fft.idctn(passed, axes=(1, 2), norm="ortho").transpose(1, 2, 0)


def _black_body(kelvin: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the colour of black bodies in linear sRGB at luminance 1, (S, 3).

    Source: the cubic approximation of the Planckian locus by Kim et al. (US patent 7,024,034),
    good from 1667 to 25000 K, and the matrix of IEC 61966-2-1.
    """
    inverse = 1e3 / kelvin
    cool = kelvin > 4000
    x = np.where(
        cool,
        -3.0258469 * inverse**3 + 2.1070379 * inverse**2 + 0.2226347 * inverse + 0.240390,
        -0.2661239 * inverse**3 - 0.2343589 * inverse**2 + 0.8776956 * inverse + 0.179910,
    )
    y = np.where(
        cool,
        3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483,
        np.where(
            kelvin > 2222,
            -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867,
            -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683,
        ),
    )
    xyz = np.stack([x / y, np.ones_like(x), (1 - x - y) / y], axis=-1)
    to_rgb = np.array(
        [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]]
    )
    # Very warm light has no blue that a screen could show.
    return np.fmax(xyz @ to_rgb.T, 0.0)


def _linear(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return linear light of sRGB values in [0, 1]; IEC 61966-2-1."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _encoded(light: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return sRGB values of linear light; the inverse of `_linear`."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
