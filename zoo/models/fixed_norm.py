"""A normalisation that is fitted once and then stays as it is."""

import torch
from torch import Tensor, nn


class FixedNorm(nn.Module):
    """Subtract each column's mean and divide by its deviation.

    The first batches of a training are measured and normalised by what has
    been seen until then; after that the numbers are fixed. They count as
    constants: no gradient runs through them. They are saved with the model,
    with the number of batches, so that a run resumed halfway goes on as it
    would have. Before the first batch nothing is changed.

    Source: the authors' release of zoom-out, 2016: batch normalisation with
        frozen statistics before the classifier.
    Differs: theirs were measured beforehand and come as a file.

    Shapes:
        - rows: ``(M, channels)``.
        - returns: the same shape and type.

    Args:
        channels: Columns of a row.
        batches: How many to measure, at least 1.
        epsilon: Added to each variance, so that a column that hardly varies
            is not blown up.

    Raises:
        ValueError: If a number is out of range.
    """

    count: Tensor
    seen: Tensor
    mean: Tensor
    variance: Tensor

    def __init__(
        self, channels: int, *, batches: int = 100, epsilon: float = 1e-3
    ) -> None:
        super().__init__()
        if batches < 1:
            raise ValueError(f'batches must be at least 1, got {batches}')
        if epsilon <= 0:
            raise ValueError(f'epsilon must be above 0, got {epsilon}')
        self.batches = batches
        self.epsilon = epsilon
        self.register_buffer('seen', torch.tensor(0))  # batches
        self.register_buffer('count', torch.tensor(0))  # rows
        # sums over many rows, and differences of these
        for name, start in (('mean', torch.zeros), ('variance', torch.ones)):
            self.register_buffer(name, start(channels, dtype=torch.float64))

    def forward(self, rows: Tensor) -> Tensor:
        """Return normalised rows; measure them first where it is time."""
        if self.training and self.seen < self.batches and len(rows):
            self._measure(rows.detach().double())
        if not self.seen:
            return rows
        scale = (self.variance + self.epsilon).rsqrt()
        return (rows - self.mean.to(rows)) * scale.to(rows)

    def _measure(self, rows: Tensor) -> None:
        """Join the rows' mean and variance with those before."""
        total = self.count + len(rows)
        share = len(rows) / total.double()
        apart = rows.mean(dim=0) - self.mean
        # of two groups: the mean variance, and that of their two means
        within = torch.lerp(self.variance, rows.var(0, correction=0), share)
        self.variance.copy_(within + share * (1 - share) * apart.square())
        self.mean.add_(share * apart)
        self.count.copy_(total)
        self.seen.add_(1)

    def extra_repr(self) -> str:
        """Say how long it is fitted."""
        return f'{len(self.mean)}, batches={self.batches}'
