# For leaves that put trained parts together: there is nothing to train.
test_cfg = dict(type='TestLoop')
