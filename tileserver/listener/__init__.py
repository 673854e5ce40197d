"""The listener: reads the change log, expires what is dirty, and keeps the truth lease."""
