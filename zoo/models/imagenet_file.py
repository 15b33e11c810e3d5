"""Read a file of ImageNet weights, or say in one line what else to do."""

from collections.abc import Callable, Mapping

from mmengine.runner.checkpoint import CheckpointLoader
from torch import Tensor

from zoo.errors import UserError


def read_imagenet_file(
    checkpoint: str,
    *,
    network: str,
    read: Callable[[Mapping[str, Tensor]], dict[str, Tensor]],
) -> dict[str, Tensor]:
    """Load a file through mmengine and check what it holds.

    With ``zoo.engine`` loaded, as under the tools, that is with
    ``weights_only=True``, and URLs are kept in torch's cache.

    Args:
        checkpoint: URL or path of a state dict, bare or under
            ``'state_dict'``.
        network: What the file must hold, for the messages: ``'VGG-16'``.
        read: Checks and converts the state dict; a ``ValueError`` of it says
            that this is not the network.

    Returns:
        What ``read`` returns.

    Raises:
        UserError: If the file cannot be read or holds something else.
    """
    remedy = (
        f'Put a {network} file there or name another with --cfg-options '
        'model.backbone.init_cfg.checkpoint=PATH, or start without: '
        'model.backbone.init_cfg=None (docs/weights.md)'
    )
    try:
        loaded = CheckpointLoader.load_checkpoint(
            checkpoint, map_location='cpu'
        )
    except OSError as error:  # no such file, no network
        reason = ' '.join(str(error).split())
        raise UserError(
            f'{checkpoint}: cannot be read ({reason}). {remedy}'
        ) from error
    try:
        return read(loaded.get('state_dict', loaded))
    except ValueError as error:
        raise UserError(
            f'{checkpoint}: not a {network} ({error}). {remedy}'
        ) from error
