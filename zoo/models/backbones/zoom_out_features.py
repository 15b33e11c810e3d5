"""Zoom-out features: what four nested regions show of a superpixel."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor

from zoo.ops.feature_layout import FeatureLayout
from zoo.ops.handmade import handmade_blocks, handmade_features
from zoo.ops.lab_colours import lab_image
from zoo.ops.regions import superpixel_boxes, union_boxes
from zoo.ops.superpixel_patches import superpixel_patches
from zoo.ops.superpixels import superpixel_neighbours

PROXIMAL, DISTANT = 2, 3  # radius in the graph of superpixels
HALF = np.finfo(np.float16)


@MODELS.register_module()
class ZoomOutFeatures(BaseModule):
    """Describe superpixels locally, proximally, distantly and globally.

    Nothing here learns: dictionaries, means and deviations are fitted before
    the training (``zoo.engine.zoom_out``) and saved with the model, the
    networks come trained. Columns of a row, by name:

    - ``local``: ``lab`` 120, ``lab_entropy`` 3, ``lab_adaptive`` 120,
      ``textons`` 64, ``texton_entropy`` 1, ``sift`` 1500, ``sift_entropy``
      6, ``location`` 4, ``convnet`` 21 + 2;
    - ``proximal``: the same without ``convnet``, of all superpixels within
      radius 2 in the graph of those that touch;
    - ``distant``: the network's activations for the bounding box of those
      within radius 3; ``global``: for the whole image.

    With VGG-16 and the 21 classes of VOC: 1841 + 1818 + 4096 + 4096.

    Source: Mostajabi et al., CVPR 2015, Sec. 4.1 and 4.2.
    Differs: the columns are standardised, bounded and rounded to half
        precision, of which the paper says nothing; activations are taken
        behind the rectifier, where it does not say.

    Shapes:
        - photos: list of ``(H, W, 3)`` uint8 RGB.
        - superpixels: list of ``(H, W)`` int64, ``0 .. S - 1``.
        - forward returns: list of ``(S, D)`` float32, the columns in use.

    Args:
        use: Names of levels or blocks, e.g. ``['local', 'distant']`` or
            ``['local.sift']``; the order does not matter.
        network: Config of the ``CropNetwork`` for ``distant`` and
            ``global``; without it there are none.
        local: Config of a ``LocalConvnetHead`` for ``local.convnet``.
        textons: Number of textons.
        words: Number of SIFT words.
        per_channel: Whether each channel has SIFT words of its own.
        sift_step: Distance of the grid points, pixels.
        sift_sizes: Sides of the SIFT patches, pixels.
        crop_size: Side that regions are resized to for the network, pixels.
        batch_size: Regions per pass through the network.
        mean: Subtracted from the network's input, BGR, 0 to 255.
        bound: Standardised features are cut off at this many deviations.
        init_cfg: Not used by itself; the networks have theirs.

    Raises:
        ValueError: If ``use`` names what is not there.
    """

    textons: Tensor
    words: Tensor
    mean: Tensor
    deviation: Tensor
    pixel_mean: Tensor

    def __init__(
        self,
        *,
        use: Sequence[str] = ('local', 'proximal', 'distant', 'global'),
        network: dict | None = None,
        local: dict | None = None,
        textons: int = 64,
        words: int = 500,
        per_channel: bool = False,
        sift_step: int = 8,
        sift_sizes: Sequence[int] = (8, 18),
        crop_size: int = 224,
        batch_size: int = 32,
        mean: Sequence[float] = (104.008, 116.669, 122.675),
        bound: float = 10.0,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.local = MODELS.build(local) if local else None
        self.network = MODELS.build(network) if network else None
        handmade = handmade_blocks(
            textons=textons, words=words, sizes=len(sift_sizes)
        )
        self.layout = FeatureLayout(self._blocks(handmade))
        self.columns = self.layout.columns(use)
        self.levels = {n.split('.')[0] for n in self.layout.names(use)}
        if not self.levels & {'distant', 'global'}:
            self.network = None
        if 'local.convnet' not in self.layout.names(use):
            self.local = None
        self.sift_step, self.sift_sizes = sift_step, tuple(sift_sizes)
        self.crop_size, self.batch_size = crop_size, batch_size
        self.bound = bound
        shape = (3, words, 128) if per_channel else (words, 128)
        self.register_buffer('textons', torch.zeros(textons, 38))
        self.register_buffer('words', torch.zeros(shape))
        self.register_buffer('mean', torch.zeros(self.layout.size()))
        self.register_buffer('deviation', torch.ones(self.layout.size()))
        self.register_buffer('pixel_mean', torch.tensor(mean), False)
        self.requires_grad_(False)
        self.stored: Callable[[np.ndarray], np.ndarray | None] | None = None

    def _blocks(self, handmade: dict[str, int]) -> dict[str, int]:
        blocks = {f'local.{name}': n for name, n in handmade.items()}
        if self.local is not None:
            blocks['local.convnet'] = self.local.num_features
        blocks |= {f'proximal.{name}': n for name, n in handmade.items()}
        if self.network is not None:
            blocks['distant'] = blocks['global'] = self.network.out_channels
        return blocks

    def train(self, mode: bool = True) -> 'ZoomOutFeatures':
        """Stay in testing mode: nothing here learns."""
        return super().train(False)

    def forward(
        self,
        inputs: Tensor,
        photos: Sequence[np.ndarray],
        superpixels: Sequence[np.ndarray],
    ) -> list[Tensor]:
        """Return the rows of each image, standardised; see ``Shapes``."""
        found = []
        for photo, labels in zip(photos, superpixels, strict=True):
            rows = self.stored(photo) if self.stored else None
            if rows is None or len(rows) != labels.max() + 1:
                rows = self.describe(photo, labels)
            chosen = [rows[:, start:stop] for start, stop in self.columns]
            values = torch.from_numpy(np.concatenate(chosen, axis=1))
            found.append(self.standardise(values.to(inputs.device)))
        return found

    def standardise(self, rows: Tensor) -> Tensor:
        """Return columns in use, ``(M, D)`` of any precision, as float32."""
        spans = self.columns
        mean = torch.cat([self.mean[a:b] for a, b in spans])
        deviation = torch.cat([self.deviation[a:b] for a, b in spans])
        scaled = (rows.float() - mean) / deviation
        return scaled.clamp(-self.bound, self.bound)

    def describe(self, photo: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Return ``(S, all columns)`` float16; 0 in levels not in use."""
        handmade = None
        if self.levels & {'local', 'proximal'}:
            handmade = self.handmade()(photo, labels)
        return self.complete(photo, labels, handmade)

    def handmade(self) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
        """Return the part without networks, for processes of its own.

        It takes a photograph and its superpixels, and returns ``(2, S, F)``
        float16: local and proximal.
        """
        return partial(
            handmade_rows,
            textons=self.textons.cpu().numpy(),
            words=self.words.cpu().numpy(),
            sift_step=self.sift_step,
            sift_sizes=self.sift_sizes,
        )

    @torch.no_grad()
    def complete(
        self,
        photo: np.ndarray,
        labels: np.ndarray,
        handmade: np.ndarray | None,
    ) -> np.ndarray:
        """Return whole rows: what ``handmade`` found and the networks' say."""
        count = int(labels.max()) + 1
        parts: dict[str, np.ndarray] = {}
        if handmade is not None:
            parts['local'], parts['proximal'] = handmade
        boxes = superpixel_boxes(labels)
        if self.local is not None:
            patches = superpixel_patches(lab_image(photo), boxes)
            seen = torch.from_numpy(patches).to(self.textons.device)
            parts['local.convnet'] = _half(self.local.features(seen))
        if self.network is not None:
            parts |= self._see(self.network, photo, labels, boxes)
        rows = np.zeros((count, self.layout.size()), np.float16)
        self._fill(rows, parts)
        return rows

    def _see(
        self,
        network: Any,
        photo: np.ndarray,
        labels: np.ndarray,
        boxes: np.ndarray,
    ) -> dict[str, np.ndarray]:
        """Return what the network sees in the two large regions."""
        image = torch.from_numpy(photo[..., ::-1].copy()).permute(2, 0, 1)
        image = image.to(self.pixel_mean) - self.pixel_mean[:, None, None]
        height, width = photo.shape[:2]
        whole = np.array([[0, 0, width, height]])
        near = union_boxes(
            boxes, superpixel_neighbours(labels, radius=DISTANT)
        )
        seen = network.describe(
            image,
            torch.from_numpy(np.concatenate([near, whole])),
            size=self.crop_size,
            batch=self.batch_size,
        )
        return {'distant': _half(seen[:-1]), 'global': _half(seen[-1:])}

    def _fill(self, rows: np.ndarray, parts: Mapping[str, np.ndarray]) -> None:
        """Write each part where the layout has its columns."""
        for name, values in parts.items():
            start = self.layout.columns([name])[0][0]
            rows[:, start : start + values.shape[1]] = values


def handmade_rows(
    photo: np.ndarray, labels: np.ndarray, **options
) -> np.ndarray:
    """Return ``(2, S, F)`` float16: local and proximal features."""
    near = superpixel_neighbours(labels, radius=PROXIMAL)
    pair = handmade_features(photo, labels, near, **options)
    return np.stack(pair).astype(np.float16)


def _half(values: Tensor) -> np.ndarray:
    return values.float().clamp(HALF.min, HALF.max).cpu().numpy().astype('f2')
