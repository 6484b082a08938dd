#!/bin/sh
# Everything a fresh machine needs, once; nothing when it is all there. Called by the Makefile.
#   tools/setup.sh runtime|dev [without-fonts]
set -eu
cd "$(dirname "$0")/.."
level=$1
fonts=${2:-}
venv=.venv
apt_packages=""
later_packages=""

need() { # need PACKAGE TEST…: remember the Debian package when the test fails
    package=$1
    shift
    "$@" >/dev/null 2>&1 || apt_packages="$apt_packages $package"
}

need_later() { # need_later PACKAGE TEST…: the same for a package that is installed beside the Python packages
    package=$1
    shift
    "$@" >/dev/null 2>&1 || later_packages="$later_packages $package"
}

apt_install() { # apt_install LOG PACKAGE…: install them; what went wrong is shown
    log=$1
    shift
    $prefix sh -c "export DEBIAN_FRONTEND=noninteractive; apt-get install -y --no-install-recommends $*" >"$log" 2>&1 || {
        tail -20 "$log"
        rm -f "$log"
        return 1
    }
    rm -f "$log"
}

find_python() {
    for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
}

has_library() { ls /lib/*/"$1" /usr/lib/*/"$1" /usr/lib/"$1" 2>/dev/null | grep -q .; }
has_font() { find /usr/share/fonts /usr/local/share/fonts -name "$1" 2>/dev/null | grep -q .; }
has_headers() { test -f "$("$python" -c 'import sysconfig; print(sysconfig.get_paths()["include"])')/Python.h"; }

python=$(find_python)
if [ -z "$python" ]; then
    apt_packages="python3 python3-venv python3-dev"
else
    need python3-venv "$python" -c 'import ensurepip, venv'
    need python3-dev has_headers
fi
need gcc command -v gcc
need libc6-dev test -f /usr/include/stdlib.h
need libpango-1.0-0 has_library 'libpango-1.0.so.0'
need libpangoft2-1.0-0 has_library 'libpangoft2-1.0.so.0'
need libharfbuzz-subset0 has_library 'libharfbuzz-subset.so.0'
if [ "$level" = dev ]; then
    need_later chromium command -v chromium # the offline form is tested in it
    need_later poppler-utils command -v pdftoppm # scans are made up from printed pages
fi
recipe=$(sed -n 's/^RECIPE = "\(.*\)"$/\1/p' engine/documents/fonts.py)
has_built_fonts() { grep -qsx "$recipe" build/fonts/recipe.txt; }
if ! has_built_fonts; then
    need fonts-noto-cjk has_font NotoSerifCJK-Regular.ttc
fi

prefix=""
later=""
if [ -n "$apt_packages$later_packages" ]; then
    if [ "$(id -u)" != 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            command="apt-get update && apt-get install -y --no-install-recommends$apt_packages$later_packages"
            echo "Some system packages are missing and installing them needs administrator rights. Run this, then try again:"
            echo "缺少系统软件包，安装需要管理员权限。请先运行下面的命令，再重试："
            echo
            echo "    sudo sh -c '$command'"
            exit 1
        fi
        prefix="sudo"
    fi
    echo "installing system packages:$apt_packages$later_packages"
    $prefix apt-get update >build-apt.log 2>&1 || { tail -20 build-apt.log; exit 1; }
    [ -z "$apt_packages" ] || apt_install build-apt.log $apt_packages
    if [ -n "$later_packages" ]; then
        apt_install build-apt-later.log $later_packages &
        later=$!
    fi
    rm -f build-apt.log
    python=$(find_python)
fi

locks="requirements/build.txt requirements/runtime.txt"
[ "$level" = dev ] && locks="requirements/build.txt requirements/dev.txt"
wanted=$(cat $locks pyproject.toml tools/setup.sh | sha256sum | cut -c1-16)-$("$python" -c 'import sys; print(sys.version.split()[0])')
if ! grep -qsx "$wanted" "$venv/.ready-$level" || ! "$venv/bin/python" -c 'import engine, durable_rules_engine' 2>/dev/null; then
    echo "installing Python packages into $venv"
    [ -x "$venv/bin/pip" ] && "$venv/bin/python" -c "import sys; sys.exit(sys.version.split()[0] != '${wanted##*-}')" ||
        "$python" -m venv --clear "$venv"
    pip="$venv/bin/pip --disable-pip-version-check --quiet" # --no-compile: what is used is compiled when it is used
    # Python 3.13 removed a call that durable_rules 2.0.28 uses; the new name is given to its compiler (ADR 0002).
    case ${wanted##*-} in 3.13*) CPPFLAGS="-DPyEval_CallObject=PyObject_CallObject ${CPPFLAGS:-}" && export CPPFLAGS ;; esac
    for lock in $locks; do
        $pip install --no-compile --require-hashes --no-build-isolation -r "$lock"
    done
    "$venv/bin/python" -c 'import durable_rules_engine' 2>/dev/null ||
        $pip install --require-hashes --no-build-isolation --no-cache-dir --force-reinstall --no-binary durable-rules -r requirements/runtime.txt
    "$venv/bin/python" -c 'import durable_rules_engine'
    $pip install --no-deps --no-build-isolation --editable .
    echo "$wanted" >"$venv/.ready-$level"
fi

if [ "$fonts" != without-fonts ] && ! has_built_fonts; then
    echo "building the fonts (once, a minute)"
    "$venv/bin/python" -m engine.documents.fonts build/fonts
fi

[ -z "$later" ] || wait "$later"
