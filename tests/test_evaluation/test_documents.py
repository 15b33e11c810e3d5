"""Reading many records at once."""

import gc

from zoo.evaluation import write_record
from zoo.evaluation.documents import read_results


def test_records_come_by_folder_without_their_counts(make_record, tmp_path):
    for path in ('voc/a.json', 'voc/b.json', 'minivoc/c.json'):
        write_record(tmp_path / path, make_record())
    (tmp_path / 'voc' / 'd.json').write_text('{}')
    results = read_results(sorted(tmp_path.glob('*/*.json')))
    counts = {name: len(found) for name, found in results.folders.items()}
    assert counts == {'minivoc': 1, 'voc': 2}
    assert all('per_image' not in record for record in results.records())
    assert len(results.problems) == 1
    assert gc.isenabled()
