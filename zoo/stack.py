"""Import mmcv and mmseg without their import-time noise: the one place.

Both announce optional parts that the zoo never uses (mmcv's compiled
operators, a data reader of the continuation fork). Only these two messages
are silenced, and only while the modules load; every other warning is shown.
"""

import logging
import warnings
from unittest import mock

import mmengine.logging

_print_log = mmengine.logging.print_log


def _all_but_one_message(msg, logger=None, level=logging.INFO):
    if msg != 'Could not import OneDL':
        _print_log(msg, logger, level)


with (
    warnings.catch_warnings(),
    mock.patch('mmengine.logging.print_log', _all_but_one_message),
):
    warnings.filterwarnings('ignore', 'Fail to import ``MultiScale')
    import mmseg.datasets
    import mmseg.evaluation
    import mmseg.models  # noqa: F401
