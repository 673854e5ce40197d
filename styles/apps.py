"""The styles application: documents, sprites and glyphs."""

from django.apps import AppConfig

from core.catalog import add_section


class StylesConfig(AppConfig):
    name = "styles"
    verbose_name = "Styles"

    def ready(self) -> None:
        from styles import checks, serving  # noqa: PLC0415 - models must be loaded first

        add_section("styles", serving.catalog_section)
        checks.register()
