"""The cohort screen: a table of patients is checked, scored, summed up and handed back; a row opens as a case.

Start at ``page``; ``view`` works out what it says, ``actions`` keep the table of this visit, ``patient_rows`` draws it.
"""
