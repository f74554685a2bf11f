//! How Spack up to 0.23 read constraints, where today's reading differs.

use super::{Reach, Spec};

impl Spec {
    /// Returns the constraint as Spack up to 0.23 read it: a compiler had a name and versions only, so that what
    /// follows one (`zlib %gcc@5 os=centos7 +pic`) is said of the package; today it would be said of `gcc`.
    ///
    /// What the package says itself stays as it is.
    #[must_use]
    pub fn with_bare_compilers(&self) -> Self {
        let mut spec = self.clone();
        for clause in &mut spec.dependencies {
            match clause.reach {
                Reach::Transitive => clause.spec = clause.spec.with_bare_compilers(),
                Reach::Direct => {
                    let compiler = &mut clause.spec;
                    let said = std::mem::take(&mut compiler.architecture);
                    let own = &mut spec.architecture;
                    own.platform = own.platform.take().or(said.platform);
                    own.os = own.os.take().or(said.os);
                    own.target = own.target.take().or(said.target);
                    for (name, variant) in std::mem::take(&mut compiler.variants) {
                        spec.variants.entry(name).or_insert(variant);
                    }
                    for (name, flags) in std::mem::take(&mut compiler.flags) {
                        spec.flags.entry(name).or_insert(flags);
                    }
                }
            }
        }
        spec
    }

    /// Returns the constraint without what it says of the platform.
    #[must_use]
    pub fn without_platform(&self) -> Self {
        let mut spec = self.clone();
        spec.architecture.platform = None;
        for clause in &mut spec.dependencies {
            clause.spec = clause.spec.without_platform();
        }
        spec
    }
}

#[cfg(test)]
mod tests {
    use super::Spec;

    #[test]
    fn what_follows_a_compiler_is_said_of_the_package() {
        let spec = Spec::parse("zlib %gcc@5 os=centos7 +pic ^xz %clang target=zen2").unwrap();
        assert_eq!(
            spec.with_bare_compilers(),
            Spec::parse("zlib +pic os=centos7 %gcc@5 ^xz target=zen2 %clang").unwrap()
        );
    }

    #[test]
    fn what_the_package_says_itself_stays() {
        let spec = Spec::parse("zlib os=rhel8 %gcc os=centos7").unwrap();
        assert_eq!(spec.with_bare_compilers(), Spec::parse("zlib os=rhel8 %gcc").unwrap());
    }
}
