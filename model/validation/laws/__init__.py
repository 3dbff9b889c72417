"""What a clinician would never forgive, checked in every pattern of a lattice of evidence.

``table`` reads the laws, ``lattice`` scores every pattern, ``forms`` compares two patients, ``check`` counts and finds
the simplest failure, ``text`` prints, ``exceptions`` keeps the list of accepted failures true. Start in ``check``.
"""
