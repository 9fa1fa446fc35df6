use sage_supervisor::Loan;

fn main() {
    let _ = Loan::new(std::rc::Rc::new(5));
}
