"""Multi-view testing: average the probabilities, post-process once."""

import torch
from mmengine.model import BaseTTAModel
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from torch import Tensor


@MODELS.register_module()
class MultiViewSegmentor(BaseTTAModel):
    """Test flipped and scaled views of an image as one.

    Views are added up one after the other, so that memory does not grow with
    their number. mmseg's ``SegTTAModel`` leaves the scores of its last view
    in the sample; here they are those of the mean, and the post-processors
    of the wrapped segmentor see the mean once.

    Source: multi-view testing of Wu et al., 2016, Sec. 3.
    Differs: which views is a choice of ours, see ``zoo.engine.views``.

    Args:
        module: A ``PostProcessedEncoderDecoder`` or its config.
        data_preprocessor: Passed on to it, as mmengine does.

    Raises:
        ValueError: If it has one output channel.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.module.out_channels == 1:
            raise ValueError(
                'views are averaged over one output channel per class, '
                'got out_channels=1'
            )

    @torch.no_grad()
    def test_step(self, data: dict) -> list[SegDataSample]:
        """Return one sample per image for lists of views."""
        views = len(data['inputs'])
        total: list[Tensor] = []
        for index in range(views):
            view = {key: value[index] for key, value in data.items()}
            view = self.module.data_preprocessor(view, False)
            samples = view['data_samples']
            metas = [sample.metainfo for sample in samples]
            logits = self.module.inference(view['inputs'], metas)
            samples = self.module.undo_resizing(logits, samples)
            probs = [sample.seg_logits.data.softmax(0) for sample in samples]
            if total:
                for sum_of_views, more in zip(total, probs, strict=True):
                    sum_of_views += more
            else:
                total = probs
        for sample, sum_of_views in zip(samples, total, strict=True):
            self.module.post_process(sample, sum_of_views / views)
        return samples

    def merge_preds(self, data_samples_list: list) -> list:
        """Refuse: ``test_step`` merges while it goes."""
        raise NotImplementedError('views are merged in test_step')
