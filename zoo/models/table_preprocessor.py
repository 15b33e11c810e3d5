"""Batches of a table of features in training, images in testing."""

from mmseg.models import SegDataPreProcessor
from mmseg.registry import MODELS


@MODELS.register_module()
class TablePreProcessor(SegDataPreProcessor):
    """Hand rows and labels on while training; mmseg's own work otherwise.

    The loader of the training stacks them: ``collate_fn`` is
    ``default_collate``, which sends a batch as one tensor.

    Args:
        **kwargs: Passed to ``SegDataPreProcessor``.
    """

    def forward(self, data: dict, training: bool = False) -> dict:
        """Return ``inputs`` and ``data_samples`` on the model's device."""
        if not training:
            return super().forward(data, training)
        return self.cast_data(data)
