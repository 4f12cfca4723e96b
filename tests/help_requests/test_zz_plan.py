import pytest
from datetime import timedelta
from django.db import connection
from django.utils.timezone import now
from help_requests.models import HelpRequest
from help_requests import reads
from tests.factories.members import MemberFactory
pytestmark = pytest.mark.committed
def test_plan():
    asker=MemberFactory(); o=MemberFactory()
    HelpRequest.objects.bulk_create([HelpRequest(requester=asker,title=f"Request {n}",category="other",created_at=now()-timedelta(minutes=n),expires_at=now()+timedelta(days=9),urgency=["normal","urgent","critical"][n%3], status="open" if n%5==0 else "cancelled", ending="" if n%5==0 else "not_needed", cancelled_at=None if n%5==0 else now()) for n in range(20000)], batch_size=500)
    import psycopg, os
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as c: c.execute("ANALYZE help_requests")
    for order in (("-created_at","-id"),("-urgency_rank","-created_at","-id")):
        print(HelpRequest.objects.listed_for(o).with_people().order_by(*order)[:21].explain(analyze=True))
    cur=""
    import time
    for s in reads.ORDERS:
        cur=""
        for i in range(12):
            t=time.perf_counter(); p=reads.browse(o, reads.Filters(sort=s), 20, cur); print(s,i,round((time.perf_counter()-t)*1000,2)); cur=p.next_cursor
    print(HelpRequest.objects.listed_for(o).filter(search="request").explain())
    t=time.perf_counter(); p=reads.browse(o, reads.Filters(q="request 500"), 20, ""); print((time.perf_counter()-t)*1000)
