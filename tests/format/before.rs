// The list of names keeps the form in which it was typed.
pub(crate) fn tree(db:Db,inbox:Vec<u8>,grace:Duration)->Tree {
        supervisor!(name="app",strategy =   "rest_for_one",auto_shutdown="any_significant",
  max_restarts="unlimited",   kill_grace=grace.min(Duration::from_secs(1)) ,
    // The delays of restarts.
      backoff(initial="100ms",max =  "1m",factor=1.5),

   #[child(restart="transient",shutdown = "10s",ready_within="5s",heartbeat="10s",max_restarts=3,clone(db),lend(inbox))]
     importer =async move |ctx|{
  while !ctx.is_cancelled() { inbox.push(1);db.read().await?; }
        Ok(()) },
         #[child(backoff(initial="1s"),significant,restart=RestartPolicy::Transient)] counter=|_|async{count::<u8,fn(u8)->u8>(  1 ,f )}, // behind
 /* in front */ #[cfg(unix)]
   #[child]worker=worker,
  #[child(shutdown="30s")]
        storage=supervisor!(strategy="one_for_all" ,
        // nested
          auto_shutdown="any_significant",#[child(restart="temporary",significant)]  pool=pool(  db,5 ))
          .keep_alive(true),
    )
}
