"""The published cases: does the authors' cause come first, against what rivals, and why not where it does not.

``forecast`` makes arrays of the cases and of what a method says of them, ``metrics`` and ``scores`` measure it,
``baselines`` holds the rivals; ``alarm``, ``failures`` and ``mended`` each ask one question more. Start in
``sections``, which asks all of them, and ``text``, which prints.
"""
