"""Log lines as JSON, each with the id of its request."""

import json
import logging
from datetime import UTC, datetime

from core import request_id


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request, trace."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request := request_id.current():
            line["request"] = request
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
