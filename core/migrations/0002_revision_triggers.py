"""The revision is raised by the database itself, whoever changes what is published."""

from django.db import migrations

TABLES = ("core_resource", "core_layer", "core_overview", "core_tileset", "core_member")

FUNCTION = """
INSERT INTO core_revision (id, value, epoch) VALUES (1, 1, 1) ON CONFLICT DO NOTHING;
CREATE FUNCTION core_raise_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE core_revision SET value = value + 1 WHERE id = 1;
  RETURN NULL;
END $$;
"""

TRIGGER = """
CREATE TRIGGER raise_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION core_raise_revision();
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION core_raise_revision CASCADE"),
        *(
            migrations.RunSQL(
                TRIGGER.format(table=table), f"DROP TRIGGER raise_revision ON {table}"
            )
            for table in TABLES
        ),
    ]
