fn outside() {
    emit!(Opened { account: 1 });
}
