"""The words beside "d/m" that tell a date from a fraction."""

from audio.script.tables import words

ADDRESS_BEFORE = words("""
số nhà|nhà số|ngõ|ngách|hẻm|kiệt|số|thửa|tờ|lô|địa chỉ|trang|mục|bài|câu|điều|khoản|hạng|lớp|thương binh|bệnh binh
tỷ lệ|tỉ lệ
""")

# After these "25/11" is read without "ngày" before it.
SAYS_DAY = words("ngày|mùng|mồng|hôm")
DAY_PARTS = words("sáng|trưa|chiều|tối|đêm")
NAMED_AFTER_DATES = words("""
đường|phố|quảng trường|công viên|nhà máy|rạp|cầu|khu phố|phường|hợp tác xã|tiểu học|mầm non|thcs|thpt
ngày và đêm
""")

NEVER_DATES = ADDRESS_BEFORE | words("thắng|thua|hòa|tỷ số|tỉ số|tổ|bản|khu|thôn|xóm|còn|từ|cấp|khoảng")
DATE_BEFORE = words("""
ngày|mùng|mồng|hôm|sáng|trưa|chiều|tối|đêm|khuya|rạng sáng|từ|đến|hết|trước|sau|kể|lễ|tết|dịp|nhân|rằm|lúc|hồi|hạn|phiên
nay|mai|qua|tới|vào|bắt đầu|chậm nhất|kỷ niệm|quốc khánh|quốc tế thiếu nhi|phụ nữ|sinh nhật|âm lịch|dương lịch
thứ hai|thứ ba|thứ tư|thứ năm|thứ sáu|thứ bảy|chủ nhật
""")

FRACTION_BEFORE = words("""
chiếm|khoảng|hơn|gần|đạt|được|trên|dưới|bằng|giảm|tăng|thiểu|đa|còn|có|mất|cháy|ngập|hỏng|chết|số|lệ|cao|đủ|quá|pha
""")

# What follows a true fraction: a share of something.
FRACTION_AFTER = words("""
diện tích|dân số|tổng số|tổng|số|mức|giá trị|thời gian|quãng đường|chiều dài|lượng|cốc|ly|thìa|lít|kg|mét|ha|sào|bao|giá
thu nhập|lương|định mức|mái|mái nhà|chi phí|học phí|khối lượng|sản lượng|kinh phí|đại biểu|nhà|bể|ruộng
""")

# What follows "so many out of so many".
COUNTED_AFTER = words("""
hộ|người|bản|thôn|xã|phường|huyện|tỉnh|tiêu chí|chỉ tiêu|đại biểu|hộ dân|gia đình|tổ|khu|xóm|trường|lớp|cử tri|đảng viên
hội viên|học sinh|điểm|phiếu|con|cái|chiếc|công trình|hồ sơ|đơn vị|chi bộ|dự án|ý kiến|thửa|tuyến|ca|trạm|đập|hồ
""")

USUAL_FRACTIONS = words("1/2|1/3|2/3|1/4|3/4|2/5|3/5|4/5|1/8|3/8|1/10|3/10")

# Two holidays joined by a dash are two days, not the days between them.
FESTIVALS = words("30/4 1/5")
