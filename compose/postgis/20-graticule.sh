#!/bin/sh
# Makes our database and its roles; PostgreSQL's image runs it once, on an empty volume.
#
#   graticule          owns the database: migrations, the admin, loading
#   graticule_render   tiles: SELECT on what is published, granted at publication; its connection
#                      limit is the cap on tile queries at once, of which the auditor has one
set -eu
password() {
	cat "/run/graticule/database/$1-password"
}

# Passwords go in by standard input, so that no process list shows them.
ask() {
	psql -v ON_ERROR_STOP=1 --no-psqlrc --quiet --username "${POSTGRES_USER:-postgres}" --dbname "$1"
}

# A database made from template1 lacks the extras that the image puts into its own database
# (topology, a geocoder), whose tables would stand among the proposals to publish.
ask postgres <<SQL
\\set owner_password $(password owner)
\\set render_password $(password render)
CREATE ROLE graticule LOGIN PASSWORD :'owner_password';
CREATE ROLE graticule_render LOGIN CONNECTION LIMIT 9 PASSWORD :'render_password';
CREATE DATABASE graticule OWNER graticule TEMPLATE template1;
SQL
echo "CREATE EXTENSION IF NOT EXISTS postgis SCHEMA public;" | ask graticule
