"""What is logged, as one JSON object a line, for who collects logs by machine.

Rule: of an error that comes with a line only its kind is told: its message and its traceback may hold text.
"""

import json
import logging
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        kind = record.exc_info[0] if record.exc_info else None
        return json.dumps(line if kind is None else line | {"error": kind.__name__}, ensure_ascii=False)
