"""Where an error that nobody expected arose: enough to mend it, and no value that it met."""

import os


def place(error: BaseException) -> str:
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    if step is None:
        return "an unknown place"
    return f"{os.path.relpath(step.tb_frame.f_code.co_filename)}:{step.tb_lineno}"
