"""Leave post-processing out while a training run validates."""

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from mmseg.registry import HOOKS


@HOOKS.register_module()
class ValidateNetworkAloneHook(Hook):
    """Switch post-processors off for the validations of a training run.

    A CRF learns nothing from training and takes longer than the network.
    ``tools/test.py`` runs it.
    """

    def __init__(self) -> None:
        self.training = False

    def before_train(self, runner: Runner) -> None:
        """Remember that what follows is a training run."""
        self.training = True

    def after_train(self, runner: Runner) -> None:
        """Forget it."""
        self.training = False

    def before_val_epoch(self, runner: Runner) -> None:
        """Switch off."""
        _model(runner).post_processing = not self.training

    def after_val_epoch(
        self, runner: Runner, metrics: dict | None = None
    ) -> None:
        """Switch on."""
        _model(runner).post_processing = True


def _model(runner: Runner):
    model = runner.model
    return model.module if is_model_wrapper(model) else model
