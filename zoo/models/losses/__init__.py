from .bootstrapped_cross_entropy import BootstrappedCrossEntropyLoss

__all__ = ['BootstrappedCrossEntropyLoss']
