"""Static files under names that carry their content's hash, ES modules included."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class ModuleManifestStorage(ManifestStaticFilesStorage):
    """Django's manifest storage, which also rewrites `import … from "./x.js";` in modules.

    A page that names a file which `collectstatic` has not seen gets the plain name: a missing
    picture must not take the page down.
    """

    support_js_module_import_aggregation = True
    manifest_strict = False

    def stored_name(self, name: str) -> str:
        """The name with the hash; the plain one for a file that is not there."""
        try:
            return super().stored_name(name)
        except ValueError:
            return name
