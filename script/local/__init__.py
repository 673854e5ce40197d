"""What `script/server`, `script/test` and `script/bootstrap` do; standard library only."""
