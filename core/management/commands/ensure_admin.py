"""`manage.py ensure_admin`: make the administrator of a new installation."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand

from core.env import Env


class Command(BaseCommand):
    """Makes the superuser `admin`, unless there is one; its password is in ADMIN_PASSWORD."""

    help = "Make the superuser `admin` with the password in ADMIN_PASSWORD or ADMIN_PASSWORD_FILE."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the user; an existing one and its password are left alone."""
        users = get_user_model()._default_manager
        if users.filter(username="admin").exists():
            self.stdout.write("user admin exists")
            return
        password = Env({}).text("ADMIN_PASSWORD")
        get_user_model().objects.create_superuser("admin", "admin@localhost", password)
        self.stdout.write("user admin made")
