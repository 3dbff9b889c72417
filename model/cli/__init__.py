"""The command line: asks the library and prints; one function a command, which returns the exit code.

May import everything but the screens (``docs/packages.csv``) and computes nothing itself. Start reading at
``model.__main__``, the list of commands and their options. ``commands`` answers for one patient or one table,
``validate_command`` for the model, ``release_commands`` for whoever changes the tables; ``serving`` starts the app.
"""
