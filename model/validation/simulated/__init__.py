"""Patients drawn from the model itself: the engine, the intervals, and the accuracy that would be possible.

``self_consistency`` and ``simulation_based_calibration`` test sampler and engine against each other,
``robust_recovery`` gives a ceiling; ``assessment`` says which answers a drawn patient has. None of them says anything
of real patients.
"""
