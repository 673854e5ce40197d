"""The styles application: documents, sprites and glyphs."""

from django.apps import AppConfig

from core.catalog import add_section


class StylesConfig(AppConfig):
    name = "styles"
    verbose_name = "Styles"

    def ready(self) -> None:
        # Models must be loaded first.
        from core.uses import others  # noqa: PLC0415
        from styles import checks, serving, uses  # noqa: PLC0415

        add_section("styles", serving.catalog_section)
        checks.register()
        others.append(uses.of)
