#!/bin/sh
# Sets this board up as the speaker of this folder. May be run again at any time: it changes only what differs.
set -eu

here=$$(cd "$$(dirname "$$0")" && pwd)
step() { printf '[%s/5] %s\n' "$$1" "$$2"; }
stop() { printf 'DỪNG: %s\n' "$$1" >&2; exit 1; }
put() { cmp -s "$$2" "$$3" || { install -D -m "$$1" "$$2" "$$3"; changed=yes; }; }
changed=no

[ "$$(id -u)" = 0 ] || stop 'hãy chạy lại với quyền quản trị: sudo sh install.sh'

step 1 'Cài các chương trình cần thiết'
for program in aplay ffmpeg espeak-ng; do
    command -v "$$program" >/dev/null || missing=yes
done
if [ "$${missing:-no}" = yes ] || ! python3 -c 'import ensurepip' 2>/dev/null; then
    apt-get -qq update && apt-get -qq install -y alsa-utils espeak-ng ffmpeg python3-venv ||
        stop 'không cài được chương trình; kiểm tra mạng rồi chạy lại'
fi

step 2 'Cài phần mềm của loa'
[ -x /opt/loa/bin/python ] || python3 -m venv /opt/loa
before=$$(/opt/loa/bin/pip freeze)
if [ -d "$$here/wheels" ]; then
    /opt/loa/bin/pip install --quiet --no-index --find-links "$$here/wheels" --upgrade 'loa-lang[agent]'
elif [ ! -x /opt/loa/bin/loa-agent ]; then
    /opt/loa/bin/pip install --quiet 'loa-lang[agent]' || stop 'không cài được phần mềm; kiểm tra mạng rồi chạy lại'
fi
[ "$$before" = "$$(/opt/loa/bin/pip freeze)" ] || changed=yes

step 3 'Chép chìa khoá và cấu hình'
getent group loa >/dev/null || groupadd --system loa
id loa >/dev/null 2>&1 || useradd --system --gid loa --groups audio --home-dir /var/lib/loa --shell /usr/sbin/nologin loa
! getent group gpio >/dev/null || usermod --append --groups gpio loa
install -d -m 0750 -o root -g loa /etc/loa /etc/loa/tls /etc/loa/signing
install -d -m 0700 -o loa -g loa /var/lib/loa
for file in config.toml keys.json tls/ca.pem tls/speaker.pem signing/root.pub README.md; do
    [ ! -f "$$here/$$file" ] || put 0644 "$$here/$$file" "/etc/loa/$$file"
done
for file in tls/speaker.key signing/speaker.key; do
    put 0600 "$$here/$$file" "/etc/loa/$$file"
    chown loa:loa "/etc/loa/$$file"
done
put 0644 "$$here/asound.conf" /etc/asound.conf

step 4 'Đặt loa tự chạy khi có điện'
put 0644 "$$here/systemd/loa-agent.service" /etc/systemd/system/loa-agent.service
put 0644 "$$here/systemd/watchdog.conf" /etc/systemd/system.conf.d/loa-watchdog.conf
systemctl daemon-reload
systemctl enable --quiet loa-agent
[ "$$changed" = no ] && systemctl is-active --quiet loa-agent || systemctl restart loa-agent

step 5 'Kiểm tra'
runuser -u loa -- /opt/loa/bin/loa-agent doctor || stop 'máy chưa đạt; xem dòng báo lỗi ở trên và README.md'
echo 'XONG: loa «$name» ($device) đã sẵn sàng.'
