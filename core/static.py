"""Static files under names that carry their content's hash, ES modules included."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class ModuleManifestStorage(ManifestStaticFilesStorage):
    """Django's manifest storage, which also rewrites `import … from "./x.js";` in modules.

    Not strict: a page that names a file which is missing from the manifest gets the plain name,
    so that a checkout without `collectstatic` still answers.
    """

    support_js_module_import_aggregation = True
    manifest_strict = False
