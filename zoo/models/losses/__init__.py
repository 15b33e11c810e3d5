from .asymmetric_cross_entropy import AsymmetricCrossEntropyLoss
from .bootstrapped_cross_entropy import BootstrappedCrossEntropyLoss
from .box_regression import BoxRegressionLoss

__all__ = [
    'AsymmetricCrossEntropyLoss',
    'BootstrappedCrossEntropyLoss',
    'BoxRegressionLoss',
]
