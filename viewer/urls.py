"""The viewer's addresses."""

urlpatterns: list[object] = []
