"""Oracles: the truth in the place of a network, to see what the other does."""

from collections.abc import Sequence

import torch
from mmengine.model import BaseModel
from mmengine.structures import PixelData
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from torch import Tensor

from zoo.errors import UserError
from zoo.ops.box_maps import box_targets


class _Oracle(BaseModel):
    """Has no weights; looks at ``truth`` of the sample."""

    truth: str

    def test_step(self, data: dict) -> list[SegDataSample]:
        """Return the samples with the truth as the prediction."""
        samples = data['data_samples']
        if isinstance(samples[0], list | tuple):  # views: each has the truth
            samples = samples[0]
        for sample in samples:
            if self.truth not in sample:
                raise UserError(
                    f'{type(self).__name__}: an oracle looks at '
                    f'{self.truth}, which a photograph lacks. Choose another '
                    'leaf, or data with instances'
                )
            self.predict(sample)
        return list(samples)

    def forward(self, *args, **kwargs) -> None:
        """Refuse."""
        raise NotImplementedError('an oracle learns nothing')


@MODELS.register_module()
class TrueClasses(_Oracle):
    """The label map as if a network were sure of it.

    Source: Wu et al., 2016, Sec. 3.2: score maps from true masks.
    Differs: void pixels count as class 0, the background.

    Args:
        num_classes: Classes of the data set.
        data_preprocessor: Not used; the image is not looked at.
    """

    truth = 'gt_sem_seg'

    def __init__(
        self, *, num_classes: int, data_preprocessor: dict | None = None
    ) -> None:
        super().__init__()
        self.num_classes = num_classes

    def predict(self, sample: SegDataSample) -> None:
        """Fill in the scores."""
        labels = sample.gt_sem_seg.data.squeeze(0)
        labels = torch.where(labels < self.num_classes, labels, 0)
        one_hot = torch.nn.functional.one_hot(labels, self.num_classes)
        scores = one_hot.permute(2, 0, 1).float().log()
        sample.set_data(
            {
                'seg_logits': PixelData(data=scores),
                'pred_sem_seg': PixelData(data=labels[None]),
            }
        )


@MODELS.register_module()
class TrueBoxes(_Oracle):
    """The true box of each pixel's instance, whatever class is asked for.

    Source: ours; the paper replaces the classes only.

    Args:
        things: Classes that have instances.
        data_preprocessor: Not used; the image is not looked at.
    """

    truth = 'gt_instance_map'

    def __init__(
        self, *, things: Sequence[int], data_preprocessor: dict | None = None
    ) -> None:
        super().__init__()
        self.things = list(things)

    def predict(self, sample: SegDataSample) -> None:
        """Fill in the boxes."""
        numbers: Tensor = sample.gt_instance_map.data.squeeze(0)
        boxes = box_targets(numbers, sample.gt_instances.bboxes)
        maps = boxes.repeat(len(self.things), 1, 1)
        sample.set_data({'pred_boxes': PixelData(data=maps)})
