"""A change of a style is seen at once by every process; a version stays what it was."""

from django.db import migrations

RAISE_REVISION = """
CREATE TRIGGER raise_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION core_raise_revision();
"""
TABLES = ("styles_style", "styles_styleversion")

# Only the author may change: to nobody, when a user is deleted.
KEEP_VERSIONS = """
CREATE FUNCTION styles_keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'A version of a style never changes: add another one.';
END $$;
CREATE TRIGGER keep_version BEFORE UPDATE ON styles_styleversion FOR EACH ROW
WHEN ((OLD.style_id, OLD.number, OLD.text, OLD.digest, OLD.origin, OLD.findings, OLD.error_count)
  IS DISTINCT FROM
  (NEW.style_id, NEW.number, NEW.text, NEW.digest, NEW.origin, NEW.findings, NEW.error_count))
EXECUTE FUNCTION styles_keep_version();
"""


class Migration(migrations.Migration):
    dependencies = [("styles", "0001_initial"), ("core", "0002_revision_triggers")]

    operations = [
        *(
            migrations.RunSQL(
                RAISE_REVISION.format(table=table), f"DROP TRIGGER raise_revision ON {table}"
            )
            for table in TABLES
        ),
        migrations.RunSQL(KEEP_VERSIONS, "DROP FUNCTION styles_keep_version CASCADE"),
    ]
