"""Django's ORM at its usual work, with TIME_ZONE and a server-side cursor as it has them."""

import datetime
import decimal
import os

import django
from django.conf import settings

# One without daylight saving time, as pytz gives Django's psycopg2 local mean time for the others.
ZONE = "Etc/GMT-2"
settings.configure(
    USE_TZ=True, TIME_ZONE=ZONE, DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": None,
                           "HOST": os.environ["PGHOST"], "USER": os.environ["PGUSER"],
                           "NAME": os.environ["PGDATABASE"],
                           "TIME_ZONE": ZONE}})
django.setup()

from django.contrib.postgres.fields import ArrayField  # noqa: E402: after the settings
from django.db import connection, models, transaction, utils  # noqa: E402

from crew import ROUNDS, check, check_raises, meet, run  # noqa: E402


class Row(models.Model):
    owner = models.IntegerField(db_index=True)
    name = models.TextField(null=True)
    price = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    blob = models.BinaryField(null=True)
    tags = ArrayField(models.TextField(), null=True)
    data = models.JSONField(null=True)
    at = models.DateTimeField(null=True)

    class Meta:
        app_label = "shop"
        db_table = "django"


def failing():
    with transaction.atomic():
        Row.objects.create(owner=-1)
        Row.objects.raw("SELECT 1/%s AS id", [0])[0]


def work(n):
    mine = Row.objects.filter(owner=n)
    moment = datetime.datetime(2024, 2, 29, 12, 0, tzinfo=datetime.timezone.utc)
    row = Row.objects.create(owner=n, name=f"nä'me {n} ☃", price=decimal.Decimal("1.50"),
                             blob=bytes([0, n, 255]), tags=["a", str(n)], data={"n": n}, at=moment)
    meet()
    row.refresh_from_db()
    check((row.owner, row.name, row.price, bytes(row.blob), row.tags, row.data, row.at),
          (n, f"nä'me {n} ☃", decimal.Decimal("1.50"), bytes([0, n, 255]), ["a", str(n)], {"n": n},
           moment))
    Row.objects.bulk_create(Row(owner=n, name=f"m{i}") for i in range(200))
    check(mine.count(), 201)
    with transaction.atomic():
        mine.delete()
        transaction.set_rollback(True)
    check(mine.count(), 201)
    check_raises(utils.DataError, failing)
    check(Row.objects.filter(owner=-1).count(), 0)
    with transaction.atomic():
        check_raises(utils.DataError, failing)
        check(mine.update(price=n), 201)
    check(mine.aggregate(models.Sum("price"))["price__sum"], 201 * n)
    for i in range(ROUNDS):
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s, current_setting('TimeZone')", [i * n])
            check(cursor.fetchone(), (i * n, ZONE))
    with transaction.atomic():  # An iterator is a cursor of the server, which lives in a transaction.
        check(sum(r.owner for r in mine.iterator(chunk_size=50)), 201 * n)
    check(mine.get(data__n=n).id, row.id)
    connection.close()
    check(mine.filter(name__startswith="m1").count(), 111)
    connection.close()


with connection.schema_editor() as editor:
    editor.execute("DROP TABLE IF EXISTS django")
    editor.create_model(Row)
connection.close()
run(work)
