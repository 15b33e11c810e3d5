"""Metrics load when they are wanted, and not for a leaderboard."""

import subprocess
import sys

import pytest

import zoo.evaluation

QUIET = {'check': True, 'capture_output': True, 'text': True}


def test_records_and_tables_need_no_torch():
    code = (
        'import sys, zoo.evaluation.documents\n'
        "heavy = {'torch', 'mmengine', 'mmseg', 'cv2', 'scipy', 'sklearn'}\n"
        'assert not heavy & set(sys.modules), heavy & set(sys.modules)'
    )
    subprocess.run([sys.executable, '-c', code], **QUIET)


def test_a_config_finds_them_even_after_records_were_read():
    code = (
        'import zoo.evaluation.documents, zoo.engine\n'
        'from mmseg.registry import METRICS\n'
        "assert METRICS.get('RegionAPMetric').kind == 'instance'\n"
    )
    done = subprocess.run([sys.executable, '-c', code], **QUIET)
    assert (done.stdout, done.stderr) == ('', '')


def test_every_name_that_is_offered_is_there():
    for name in zoo.evaluation.__all__:
        assert hasattr(zoo.evaluation, name), name
    with pytest.raises(AttributeError, match="no attribute 'IoUMetric'"):
        zoo.evaluation.IoUMetric  # noqa: B018
