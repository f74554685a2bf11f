//! The downstream branch over ssh, to a real `sshd` on loopback.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends, or says why it is skipped")]

#[path = "common/child.rs"]
mod child;
#[path = "common/git.rs"]
mod common;

use common::{World, git};
use spackplan::publish::downstream::{Access, Credentials};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const SSHD: &str = "/usr/sbin/sshd";
const BRANCH: &str = "refs/heads/multi-ci-main";

/// A server that lets one key in, and a home directory that has it and knows the server.
struct Ssh {
    world: World,
    server: Child,
    port: u16,
}

impl Drop for Ssh {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Ssh {
    fn start() -> Option<Self> {
        if !common::has(SSHD) || !common::has("ssh-keygen") {
            return None;
        }
        let world = World::new();
        let root = world.root().to_owned();
        fs::create_dir_all(root.join("home/.ssh")).unwrap();
        keygen(&root.join("host"), "");
        keygen(&root.join("home/.ssh/id_ed25519"), "");
        fs::copy(root.join("home/.ssh/id_ed25519.pub"), root.join("authorized")).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let at = |name: &str| root.join(name).display().to_string();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nUsePAM no\n\
             StrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n",
            at("host"),
            at("authorized")
        );
        fs::write(root.join("sshd_config"), config).unwrap();
        // Where root starts it, it insists on this directory; others may not make it.
        let _ = fs::create_dir_all("/run/sshd");
        let mut server = Command::new(SSHD);
        server.args(["-D", "-e", "-f", &at("sshd_config")]).stdin(Stdio::null()).stderr(Stdio::piped());
        let mut server = server.spawn().unwrap();
        let mut log = BufReader::new(server.stderr.take().unwrap()).lines().map_while(Result::ok);
        if !log.by_ref().any(|line| line.contains("listening")) {
            println!("skipped: sshd does not start here");
            let _ = server.wait();
            return None;
        }
        std::thread::spawn(move || log.for_each(drop));
        let key = fs::read_to_string(root.join("host.pub")).unwrap();
        fs::write(root.join("home/.ssh/known_hosts"), format!("[127.0.0.1]:{port} {key}")).unwrap();
        Some(Self { world, server, port })
    }

    fn home(&self) -> PathBuf {
        self.world.root().join("home")
    }

    /// Pushes from a process whose home is the one made here, and returns what it says.
    fn push(&self, variables: &[(&str, &str)]) -> String {
        let user = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
        let path = self.world.downstream().display().to_string();
        let url = format!("ssh://{}@127.0.0.1:{}{path}", user.trim(), self.port);
        let mut command = child::command("pushes_from_a_process_of_its_own");
        command.env("HOME", self.home()).env_remove("SSH_AUTH_SOCK").env_remove("SSH_ASKPASS");
        command.env("UPSTREAM", self.world.upstream()).env("REMOTE", url).envs(variables.iter().copied());
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    }
}

fn keygen(path: &Path, passphrase: &str) {
    let arguments = ["-q", "-t", "ed25519", "-N", passphrase, "-C", "test", "-f", &path.display().to_string()];
    assert!(Command::new("ssh-keygen").args(arguments).status().unwrap().success());
}

#[test]
fn pushes_from_a_process_of_its_own() {
    if !child::is_child() {
        return;
    }
    let mut push = common::push(Path::new(&child::told("UPSTREAM")), &child::told("REMOTE"));
    push.access = Access { credentials: Credentials::from_variables(|name| std::env::var_os(name)), ..push.access };
    match common::publish(&push) {
        Ok(receipt) => println!("pushed {} to {}", receipt.commit, receipt.remote),
        Err(error) => println!("refused: {error} {:?}", error.hints),
    }
}

#[test]
fn a_key_of_the_home_directory_lets_in() {
    let Some(ssh) = Ssh::start() else { return };
    let said = ssh.push(&[]);
    let tip = git(&ssh.world.downstream(), &["rev-parse", BRANCH]);
    assert!(said.contains(&format!("pushed {tip} to ssh://")), "{said}");
    assert!(ssh.push(&[]).contains("pushed"), "a second time, over the first");
    git(&ssh.world.downstream(), &["fsck", "--strict"]);
}

#[test]
fn a_key_with_a_passphrase_asks_for_it() {
    let Some(ssh) = Ssh::start() else { return };
    let key = ssh.home().join(".ssh/id_ed25519");
    let change = ["-q", "-p", "-P", "", "-N", "pass phrase", "-f", &key.display().to_string()];
    assert!(Command::new("ssh-keygen").args(change).status().unwrap().success());
    let refused = ssh.push(&[]);
    assert!(refused.contains("there are no credentials for it"), "{refused}");
    let askpass = ssh.world.root().join("askpass");
    fs::write(&askpass, "#!/bin/sh\ncase $1 in 'Enter passphrase for key '*) echo 'pass phrase';; esac\n").unwrap();
    common::executable(&askpass);
    let said = ssh.push(&[("SSH_ASKPASS", &askpass.display().to_string())]);
    assert!(said.contains("pushed"), "{said}");
}

#[test]
fn the_agent_lets_in() {
    let Some(ssh) = Ssh::start() else { return };
    let socket = ssh.world.root().join("agent").display().to_string();
    let mut agent = Command::new("ssh-agent");
    let mut agent = agent.args(["-D", "-a", &socket]).stdout(Stdio::piped()).spawn().unwrap();
    // Its first line says that it listens.
    BufReader::new(agent.stdout.as_mut().unwrap()).read_line(&mut String::new()).unwrap();
    let key = ssh.home().join(".ssh/id_ed25519");
    let added = Command::new("ssh-add").arg("-q").arg(&key).env("SSH_AUTH_SOCK", &socket).status().unwrap();
    fs::remove_file(&key).unwrap();
    let said = ssh.push(&[("SSH_AUTH_SOCK", &socket)]);
    let _ = agent.kill();
    let _ = agent.wait();
    assert!(added.success() && said.contains("pushed"), "{said}");
}

#[test]
fn a_key_that_the_server_does_not_know_is_refused_once() {
    let Some(ssh) = Ssh::start() else { return };
    fs::write(ssh.world.root().join("authorized"), "").unwrap();
    let said = ssh.push(&[]);
    assert!(said.contains("it refused those of keys in ~/.ssh"), "{said}");
    assert!(ssh.world.refs().is_empty());
}

#[test]
fn a_server_that_is_not_known_is_refused_with_a_hint() {
    let Some(ssh) = Ssh::start() else { return };
    fs::remove_file(ssh.home().join(".ssh/known_hosts")).unwrap();
    let said = ssh.push(&[]);
    assert!(said.contains("refused:") && said.contains("ssh-keyscan"), "{said}");
}

#[test]
fn a_protected_branch_is_refused_in_the_servers_words() {
    let Some(ssh) = Ssh::start() else { return };
    common::hook(&ssh.world.downstream(), "update", "#!/bin/sh\necho 'protected: ask a maintainer' >&2\nexit 1\n");
    let said = ssh.push(&[]);
    assert!(said.contains("hook declined; protected: ask a maintainer"), "{said}");
    assert!(ssh.world.refs().is_empty());
}
