"""SQLAlchemy over psycopg2 at its usual work: a pool of connections, the ORM, savepoints."""

import decimal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session, declarative_base

from crew import CLIENTS, ROUNDS, check, check_raises, meet, run

Base = declarative_base()


class Row(Base):
    __tablename__ = "sqlalchemy"
    id = sa.Column(sa.Integer, primary_key=True)
    owner = sa.Column(sa.Integer, nullable=False)
    name = sa.Column(sa.Text)
    price = sa.Column(sa.Numeric(10, 2))
    blob = sa.Column(sa.LargeBinary)
    tags = sa.Column(postgresql.ARRAY(sa.Text))
    data = sa.Column(postgresql.JSONB)


engine = sa.create_engine("postgresql+psycopg2://", pool_size=CLIENTS, max_overflow=0)


def count(session, n):
    return session.scalar(sa.select(sa.func.count()).select_from(Row).where(Row.owner == n))


def work(n):
    with Session(engine) as session:
        row = Row(owner=n, name=f"nä'me {n} ☃", price=decimal.Decimal("1.50"), blob=bytes([0, n, 255]),
                  tags=["a", str(n)], data={"n": n})
        session.add(row)
        session.add_all([Row(owner=n, name=f"m{i}") for i in range(200)])
        session.commit()
        meet()
        check((row.name, row.price, row.blob, row.tags, row.data),
              (f"nä'me {n} ☃", decimal.Decimal("1.50"), bytes([0, n, 255]), ["a", str(n)], {"n": n}))
        session.execute(sa.delete(Row).where(Row.owner == n))
        check(count(session, n), 0)
        session.rollback()
        check(count(session, n), 201)
        with check_savepoint(session):
            check(count(session, n), 201)
        session.commit()
        check_raises(sa.exc.DataError, session.execute, sa.text("SELECT 1/:zero"), {"zero": 0})
        check_raises(sa.exc.InternalError, session.execute, sa.text("SELECT 1"))
        session.rollback()
        for i in range(ROUNDS):
            check(session.scalar(sa.text(f"SELECT :i + {n}"), {"i": i}), i + n)
            session.commit()
        streamed = session.execute(sa.select(Row.owner).where(Row.owner == n),
                                   execution_options={"stream_results": True})
        check(sum(1 for _ in streamed), 201)
        check(session.scalars(sa.select(Row.name).where(Row.owner == n, Row.data.is_(None))
                              .order_by(Row.id).limit(1)).all(), ["m0"])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        check(connection.scalar(sa.text("SELECT :n"), {"n": n}), n)


def check_savepoint(session):
    def failing():
        with session.begin_nested():
            session.execute(sa.text("SELECT * FROM nowhere"))

    check_raises(sa.exc.ProgrammingError, failing)
    return session.no_autoflush


Base.metadata.drop_all(engine)
Base.metadata.create_all(engine)
run(work)
