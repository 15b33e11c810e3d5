"""The mean of a feature map over each superpixel, however coarse the map."""

import torch
from torch import Tensor


def pooling_weights(
    superpixels: Tensor,
    *,
    size: tuple[int, int],
    stride: int,
    offset: float = 0.0,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """Return how much of each cell the mean over a superpixel is made of.

    To interpolate a map between its cells and to average it over pixels are
    both linear, so that one sparse matrix does both and no map of the size of
    the image is made. Beyond the outermost cells their values are repeated.

    Source: Mostajabi et al., CVPR 2015: feature maps brought to the size of
        the image, then averaged over each superpixel.
    Differs: bilinear interpolation is our choice; the authors' later release
        repeats the nearest cell, and reads pixels instead of superpixels.

    Args:
        superpixels: ``(H, W)`` int64: 0 to ``S - 1``, all of them in use.
        size: ``(h, w)`` of the map, in cells.
        stride: Pixels from one cell to the next, at least 1.
        offset: Pixel of cell 0, from the first pixel's centre: 0 behind 3 x 3
            pools with padding 1, ``(stride - 1) / 2`` behind 2 x 2 pools.
        dtype: Of the weights.

    Returns:
        ``(S, h * w)`` sparse and coalesced; each row sums up to 1.

    Raises:
        ValueError: If ``superpixels`` is no such map, or a number is out of
            range.

    Example:
        >>> pooling_weights(torch.tensor([[0, 0, 1]]), size=(1, 2),
        ...                 stride=2).to_dense()
        tensor([[0.7500, 0.2500],
                [0.0000, 1.0000]])
    """
    if superpixels.ndim != 2 or superpixels.dtype != torch.int64:
        raise ValueError(
            'superpixels must be (H, W) int64, got '
            f'{tuple(superpixels.shape)} {superpixels.dtype}'
        )
    if stride < 1 or min(size) < 1:
        raise ValueError(
            f'stride and size must be at least 1, got {stride} and {size}'
        )
    pixels = torch.bincount(superpixels.flatten())
    if not len(pixels) or not pixels.all():
        raise ValueError('superpixels must be 0 to S - 1 without holes')
    device = superpixels.device
    (rows, above), (columns, left) = (
        _taps(length, cells, stride, offset, device)
        for length, cells in zip(superpixels.shape, size, strict=True)
    )
    # each pixel has up to 2 x 2 taps; axes: H, W, tap's row, tap's column
    cells = (rows * size[1])[:, None, :, None] + columns[None, :, None, :]
    shares = above[:, None, :, None] * left[None, :, None, :]
    owners = superpixels[..., None, None].expand_as(cells)
    sums = torch.sparse_coo_tensor(
        torch.stack([owners.flatten(), cells.flatten()]),
        shares.flatten(),
        (len(pixels), size[0] * size[1]),
        check_invariants=False,
    ).coalesce()
    return torch.sparse_coo_tensor(
        sums.indices(),
        (sums.values() / pixels[sums.indices()[0]]).to(dtype),
        sums.shape,
        check_invariants=False,
        is_coalesced=True,
    )


def superpixel_pool(features: Tensor, weights: Tensor) -> Tensor:
    """Return the mean of each channel over each superpixel.

    Gradients reach the features. Half precision is summed up in single.

    Args:
        features: ``(C, h, w)``; fastest with the channels side by side.
        weights: ``(S, h * w)`` of ``pooling_weights``.

    Returns:
        ``(S, C)``, at least float32.

    Raises:
        ValueError: If the shapes do not fit.
    """
    if features.ndim != 3 or features[0].numel() != weights.shape[1]:
        raise ValueError(
            f'features must be (C, h, w) with {weights.shape[1]} cells, got '
            f'{tuple(features.shape)}'
        )
    flat = features.permute(1, 2, 0).flatten(0, 1)
    exact = torch.promote_types(flat.dtype, torch.float32)
    return torch.sparse.mm(weights.to(exact), flat.to(exact))


def _taps(
    length: int, cells: int, stride: int, offset: float, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Return the two cells around each pixel, and the weight of each.

    Returns:
        Two of ``(length, 2)``: indices, and float64 that sum up to 1; of
        ``(length, 1)`` where every pixel lies on a cell.
    """
    pixels = torch.arange(length, device=device, dtype=torch.float64)
    places = ((pixels - offset) / stride).clamp(0, cells - 1)
    low = places.floor()
    share = places - low
    first = low.long()
    if not share.any():
        return first[:, None], torch.ones_like(share)[:, None]
    second = (first + 1).clamp_max(cells - 1)
    return torch.stack([first, second], 1), torch.stack([1 - share, share], 1)
