"""The case screen: what is known of a patient on the left, the ranked causes and what is behind them on the right.

Start at ``page``, then ``evidence_panel`` and ``result_panel``. The result opens onto three more panels, ``firmness``,
``reasons`` and ``next``, each with a ``_view`` that works out what it says.
"""
