"""Start a part of a model from another leaf's training."""

from pathlib import Path

from mmengine.model import update_init_info
from mmengine.registry import WEIGHT_INITIALIZERS
from torch import nn

from zoo.engine.checkpoint import load_plain
from zoo.engine.runner import require_fit
from zoo.engine.unfinished import warn_if_unfinished
from zoo.engine.workdir import checkpoint_of_leaf
from zoo.errors import UserError


@WEIGHT_INITIALIZERS.register_module()
class LeafWeights:
    """Fill a module with the weights of the newest run of a leaf.

    Set on a part: ``init_cfg=dict(type='LeafWeights', leaf=...)``. Every
    weight must be there and fit; what its children would do about theirs is
    left undone. Prints which file it is.

    Args:
        leaf: ``method/leaf``.
        prefix: What the part's weights begin with in the leaf's checkpoint.
        seed: Of the run; any where there is none of that.

    Example:
        >>> LeafWeights(leaf='zoom_out/local-convnet_minivoc').seed
        0
    """

    def __init__(self, *, leaf: str, prefix: str = '', seed: int = 0) -> None:
        self.leaf = leaf
        self.prefix = prefix
        self.seed = seed

    def __call__(self, module: nn.Module) -> None:
        """Fill the module.

        Raises:
            UserError: If there is no run, or its weights do not fit.
        """
        path = self._find()
        state = load_plain(path).get('state_dict', {})
        part = {
            name.removeprefix(self.prefix): value
            for name, value in state.items()
            if name.startswith(self.prefix)
        }
        remedy = f'Train {self.leaf} again, or use the config of its part'
        require_fit(
            module.state_dict(), part, path, strict=True, remedy=remedy
        )
        module.load_state_dict(part)
        print(f'{type(module).__name__}: takes its weights from {path}')
        if hasattr(module, '_params_init_info'):
            update_init_info(module, f'LeafWeights: load from {path}')
        for child in module.modules():
            if child is not module and hasattr(child, 'init_weights'):
                child.is_init = True  # type: ignore[assignment]  # passed by

    def _find(self) -> Path:
        found = checkpoint_of_leaf(self.leaf, self.seed)
        if found is None and (found := checkpoint_of_leaf(self.leaf)):
            print(f'{self.leaf}: has no run of seed {self.seed}')
        if found is None:
            raise UserError(
                f'LeafWeights: {self.leaf} has no run. Train it first: python '
                f'tools/train.py configs/{self.leaf}.py --seed {self.seed}'
            )
        config = Path('configs') / f'{self.leaf}.py'
        warn_if_unfinished(found, self.leaf, config, role='part')
        return found
