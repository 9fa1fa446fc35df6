use sage_supervisor::ChildSpec;

async fn poll() -> std::io::Result<()> {
    Ok(())
}

fn main() {
    let _ = ChildSpec::new("worker", async |_| {
        poll().await?;
        Ok(())
    });
}
